import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option as Flag } from 'commander';
import * as v from 'valibot';
import { ConfigError } from './config-error.ts';
import { type Config, flagName, type Option, type OptionName, OPTIONS } from './options.ts';
import { isAmbiguous, sourceKind } from './source-kind.ts';

export interface ConfigInput {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: reads the file system. */
  readonly readFile?: (path: string) => string;
  /** Where `--help` is written; default: standard output. */
  readonly write?: (text: string) => void;
}

/** A value as it was written, and its origin as messages name it. */
interface Given {
  readonly origin: string;
  readonly value: unknown;
}

const CONFIG_ENV = 'FRESHET_CONFIG';
const CONFIG_FLAG = '--config <file>';
const CONFIG_HELP =
  'JSON file with any of these options, by their names in docs/server.md. Flags and environment variables override it.';

/**
 * Reads the settings: flags override the environment, which overrides the file, which overrides the defaults. Lists are
 * replaced as a whole, never merged.
 * @returns undefined if help was requested @throws ConfigError with one line that says what to do
 */
export function loadConfig(input: ConfigInput): Config | undefined {
  const flags = readFlags(input);
  if (flags === undefined) return undefined;
  const path = flags['config'] ?? input.env[CONFIG_ENV];
  const file = typeof path === 'string' ? readConfigFile(path, input.readFile ?? readUtf8) : undefined;

  const config: Record<string, unknown> = {};
  for (const [name, option] of optionEntries()) {
    const given = fromFlag(option, flags) ?? fromEnv(option, input.env) ?? file?.(name);
    config[name] = given === undefined ? option.fallback : check(option, given);
  }
  // Each key was set from its own schema or fallback. The loop loses these types; the type of the table has them.
  const complete = config as unknown as Config;
  checkTogether(complete);
  return complete;
}

export function optionEntries(): [OptionName, Option][] {
  return Object.entries(OPTIONS) as [OptionName, Option][];
}

function readFlags(input: ConfigInput): Record<string, unknown> | undefined {
  const command = new Command('freshet')
    .description(
      'Relays live streams from your media server or encoder. Viewers share them with one another.\nWithout --source it offers a built-in demo stream.',
    )
    .usage('[options]')
    .helpOption('-h, --help', 'Show this help.')
    .allowExcessArguments(false)
    .addHelpText(
      'after',
      '\nFlags override environment variables, these override the config file, and the file overrides the defaults.\nExample: freshet --source live=http://media.example.org/hls/index.m3u8 --ice-server stun:stun.example.org:3478',
    )
    .configureOutput({
      writeOut: input.write ?? ((text) => process.stdout.write(text)),
      writeErr: () => undefined,
    })
    .exitOverride();
  const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value];
  for (const [, option] of optionEntries()) {
    const flag = new Flag(option.flag, `${option.help} Default: ${option.defaultText}. [${option.env}]`);
    if (option.many) flag.argParser(collect);
    command.addOption(flag);
  }
  command.addOption(new Flag(CONFIG_FLAG, `${CONFIG_HELP} [${CONFIG_ENV}]`));
  try {
    command.parse(input.argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return undefined;
    const message = error.message
      .replace(/^error: /, '')
      .replaceAll(/\s+/g, ' ')
      .replace(/\.$/, '');
    throw new ConfigError(`${message}. See --help`);
  }
  return command.opts();
}

function fromFlag(option: Option, flags: Record<string, unknown>): Given | undefined {
  // commander names a flag's value by the flag: `--source` -> `source`.
  const key = flagName(option)
    .slice(2)
    .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const value = flags[key];
  return value === undefined ? undefined : { origin: flagName(option), value };
}

function fromEnv(option: Option, env: ConfigInput['env']): Given | undefined {
  const value = env[option.env];
  // In a shell or a compose file, an empty variable means "not set".
  if (value === undefined || value.trim() === '') return undefined;
  return { origin: option.env, value: option.many ? value.trim().split(/\s+/) : value };
}

function readUtf8(path: string): string {
  return readFileSync(path, 'utf8');
}

function readConfigFile(path: string, readFile: (path: string) => string) {
  let content: unknown;
  try {
    content = JSON.parse(readFile(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      error instanceof SyntaxError
        ? `${path} is not JSON: ${reason.replaceAll('\n', ' ')}`
        : `${path} cannot be read: ${reason}. Set --config to the path of a JSON file`,
    );
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new ConfigError(`${path} is not a JSON object. Write { "port": 8080 }`);
  const values = new Map(Object.entries(content));
  const names = optionEntries().map(([name]) => name as string);
  for (const name of values.keys())
    if (!names.includes(name))
      throw new ConfigError(`${path}: unknown option "${name}". The options are ${names.join(', ')}`);
  return (name: OptionName): Given | undefined =>
    values.has(name) ? { origin: `${path}: ${name}`, value: values.get(name) } : undefined;
}

function check(option: Option, { origin, value }: Given): unknown {
  const result = v.safeParse(option.schema, value);
  if (result.success) return result.output;
  throw new ConfigError(`${origin}: ${result.issues[0].message}`);
}

/** Checks the constraints between options. */
function checkTogether(config: Config): void {
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    const [given, missing] = config.tlsCert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw new ConfigError(`--tls-${given} requires --tls-${missing}. Set both, or neither for http`);
  }
  const pulled = new Set(config.sources.map(({ name }) => name));
  const both = config.ingestKeys.find(({ name }) => pulled.has(name));
  if (both !== undefined)
    throw new ConfigError(`the stream "${both.name}" has both a --source and an --ingest-key. Use two names`);
  for (const { name } of config.transcode) {
    const url = config.sources.find((source) => source.name === name)?.url;
    if (url === undefined) throw new ConfigError(`--transcode ${name}: no --source has this name`);
    if (sourceKind(url) === 'hls' && !isAmbiguous(url))
      throw new ConfigError(
        `--transcode ${name}: its source is HLS, which is relayed unchanged. Make the renditions in its encoder`,
      );
  }
  // Browsers throw on a TURN server without credentials, and then no viewer connects to any other.
  const open = config.iceServers.find(
    ({ urls, username }) => urls.startsWith('turn') && username === undefined,
  );
  if (open !== undefined && config.turnSecret === undefined)
    throw new ConfigError(
      `--ice-server ${open.urls} has no user and password. Set FRESHET_TURN_SECRET to the secret of the TURN server's use-auth-secret`,
    );
  if (config.turnSecret !== undefined && open === undefined)
    throw new ConfigError(
      '--turn-secret needs a TURN server without user and password. Add --ice-server turn:host:3478',
    );
  const isPrivate = config.access.some(({ mode }) => mode === 'token');
  if (isPrivate && config.tokenSecret === undefined && config.tokenJwks === undefined)
    throw new ConfigError('--access …=token needs --token-secret or --token-jwks. Set one of them');
  const hasTurn = config.iceServers.some(({ urls }) => urls.startsWith('turn'));
  if (config.p2p === 'relay-only' && !hasTurn)
    throw new ConfigError(
      '--p2p relay-only needs a TURN server. Add --ice-server turn:host:3478 and set FRESHET_TURN_SECRET',
    );
}
