export const MEDIA_METHODS: readonly string[];
export const STREAM_METHODS: readonly string[];
export const NEGOTIATION_METHODS: readonly string[];
export const GATHERING_METHODS: readonly string[];
export const LOGGER_METHODS: readonly string[];
export function slimSimplePeer(code: string): string;
