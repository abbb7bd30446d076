/**
 * The settings of every AWS client: region, endpoint, profile and credentials are taken as the AWS CLI
 * takes them. The SDK does most of it; what it does otherwise is done here:
 *  C1 `AWS_DEFAULT_REGION` counts when `AWS_REGION` is not set;
 *  C2 keys in the environment win over `AWS_PROFILE`, and lose against a profile that is given;
 *  C3 a given profile's own `endpoint_url` counts.
 * Credentials are never read here but for C2, where they go straight to the signer; nothing keeps or
 * prints them.
 */
import { isIP } from 'node:net';
import { endpointInFile } from './config-file.js';

export interface AwsOptions {
  /** Null: as the environment and the shared config say. */
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly profile: string | null;
}

export type AwsService = 'sqs' | 's3' | 'dynamodb';

/** Longest time for one attempt to connect, and for its answer to begin, ms. */
const connectMs = 3_000;
export const requestMs = 10_000;

/** Long polls hold a socket each, and a worker may poll for many endpoints. */
const mostSockets = 256;
const mostAttempts = 5;

/** The SDK warns through the console where no logger is set; what matters comes as an error. */
const silence = () => {};
const logger = { trace: silence, debug: silence, info: silence, warn: silence, error: silence };

/**
 * Settings for any client of the SDK. Throttled and failed requests are repeated, slower and slower
 * (adaptive), `$metadata.attempts` tells how often; with `once` nothing is ever repeated.
 */
export function clientConfig(service: AwsService, options: AwsOptions, { once = false } = {}) {
  silenceVersionWarning();
  const region = options.region ?? environment('AWS_REGION') ?? environment('AWS_DEFAULT_REGION');
  const endpoint = endpointOf(service, options);
  const credentials = environmentCredentials(options);
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
    ...(options.profile === null ? {} : { profile: options.profile }),
    ...(credentials === undefined ? {} : { credentials }),
    logger,
    ...(once ? { maxAttempts: 1 } : { maxAttempts: mostAttempts, retryMode: 'adaptive' }),
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: requestMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: mostSockets },
      httpsAgent: { keepAlive: true, maxSockets: mostSockets },
    },
  };
}

/** The endpoint that replaces the service's own, by the CLI's precedence; null when none is set. */
export function endpointOf(service: AwsService, options: AwsOptions): string | null {
  if (options.endpoint !== null) return options.endpoint;
  if (environment('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS')?.toLowerCase() === 'true') return null;
  return (
    environment(`AWS_ENDPOINT_URL_${service.toUpperCase()}`) ??
    environment('AWS_ENDPOINT_URL') ??
    endpointInFile(service, options.profile ?? environment('AWS_PROFILE') ?? 'default')
  );
}

/** S3 only: a bucket cannot be a part of the host's name where the host is an address or localhost. */
export function needsPathStyle(options: AwsOptions): boolean {
  const endpoint = endpointOf('s3', options);
  if (endpoint === null || !URL.canParse(endpoint)) return false;
  const host = new URL(endpoint).hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || isIP(host) !== 0;
}

function environment(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

/** C2. Read anew each time, so that keys which are exchanged in the environment are taken up. */
function environmentCredentials(options: AwsOptions) {
  const isSet = environment('AWS_ACCESS_KEY_ID') && environment('AWS_SECRET_ACCESS_KEY');
  if (options.profile !== null || !isSet) return undefined;
  return async () => {
    const sessionToken = environment('AWS_SESSION_TOKEN');
    return {
      accessKeyId: environment('AWS_ACCESS_KEY_ID') ?? '',
      secretAccessKey: environment('AWS_SECRET_ACCESS_KEY') ?? '',
      ...(sessionToken === undefined ? {} : { sessionToken }),
    };
  };
}

/** The SDK tells every user of Node 20 that its releases of 2027 need a newer one. */
function silenceVersionWarning(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
