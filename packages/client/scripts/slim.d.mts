import type { Plugin } from 'vite';

export function slim(): Plugin;
export function slimSimplePeer(code: string): string;
export function slimTransports(code: string): string;
export function slimParseUri(code: string): string;
