import type { Plugin } from 'vite';

export function slim(): Plugin;
export const MEDIA_METHODS: readonly string[];
export function withoutMedia(code: string): string;
export function slimSimplePeer(code: string): string;
export function emptied(code: string, names: readonly string[]): string;
export const ENGINE_METHODS: readonly string[];
export const SOCKET_METHODS: readonly string[];
export function slimTransports(code: string): string;
export function slimParseUri(code: string): string;
