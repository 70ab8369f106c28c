/** A setting cannot be used. The message is one line that names the setting and says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
