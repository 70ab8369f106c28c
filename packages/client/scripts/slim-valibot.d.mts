export function slimValibot(code: string): string;
