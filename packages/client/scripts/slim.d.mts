import type { Plugin } from 'vite';

export function slim(): Plugin;
export const MEDIA_METHODS: readonly string[];
export function withoutMedia(code: string): string;
export function readyAtOnce(code: string): string;
export function slimSimplePeer(code: string): string;
export function emptied(code: string, names: readonly string[]): string;
export const ENGINE_METHODS: readonly string[];
export const POLLING_METHODS: readonly string[];
export function curt(code: string): string;
export function slimWebSocket(code: string): string;
export function slimPolling(code: string): string;
export function slimParser(code: string): string;
export function slimChoice(code: string): string;
export function slimBase64(code: string): string;
export const SOCKET_METHODS: readonly string[];
export function slimTransports(code: string): string;
export function slimParseUri(code: string): string;
