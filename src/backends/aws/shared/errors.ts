/**
 * Names the errors of AWS services; no vendor code leaves `src/backends/aws`. What `happened` says:
 *  N1 an answer that refuses the request (4xx, throttling), and a request that never left: `no`;
 *  N2 a time-out, a lost connection, a 5xx, an abort: `unknown`;
 *  N3 whatever the last attempt says, `unknown` when an earlier one of the same request ended as in N2:
 *     the SDK repeats requests by itself, and reports the last answer alone. `watchAttempts` of
 *     `attempts.ts`, called for every client, keeps it.
 */
import { type ErrorKind, type Happened, OncectlError } from '../../../engine/errors.js';

/** What was asked, for the user. */
export interface Place {
  /** `Amazon SQS`. */
  readonly service: string;
  /** The queue, bucket or table. */
  readonly about: string;
  /** What is missing when it is missing: `queue`, `bucket`, `table`. */
  readonly thing: string;
}

interface Named {
  readonly names: readonly string[];
  readonly kind: ErrorKind;
  readonly what: (place: Place) => string;
  readonly hint: string;
}

const named: readonly Named[] = [
  {
    names: ['CredentialsProviderError', 'NoCredentials', 'MissingAuthenticationToken'],
    kind: 'denied',
    what: ({ service }) => `no credentials for ${service} were found`,
    hint: 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as for the AWS CLI',
  },
  {
    names: ['ExpiredToken', 'RequestExpired', 'TokenRefreshRequired', 'TokenProviderError'],
    kind: 'denied',
    what: () => 'the AWS credentials have expired',
    hint: 'log in again, as for the AWS CLI (`aws sso login`), and repeat the command',
  },
  {
    names: ['RequestTimeTooSkewed', 'RequestInTheFuture'],
    kind: 'denied',
    what: ({ service }) => `${service} refuses the request because this machine's clock is wrong`,
    hint: 'set the clock of this machine',
  },
  {
    names: [
      'InvalidAccessKeyId',
      'InvalidClientTokenId',
      'SignatureDoesNotMatch',
      'UnrecognizedClient',
      'InvalidSignature',
      'IncompleteSignature',
      'InvalidSecurity',
      'InvalidToken',
      'AuthFailure',
    ],
    kind: 'denied',
    what: ({ service }) => `${service} does not accept the AWS credentials`,
    hint: 'check the access key, its secret and the region; `aws sts get-caller-identity` tells more',
  },
  {
    names: ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraint'],
    kind: 'unreachable',
    what: ({ thing }) => `the ${thing} lies in another AWS region`,
    hint: 'set the region in the profile, or AWS_REGION',
  },
  {
    names: ['AccessDenied', 'AccessDeniedByPolicy', 'UnauthorizedOperation', 'KmsAccessDenied'],
    kind: 'denied',
    what: ({ service }) => `the AWS credentials may not do this on ${service}`,
    hint: '`oncectl doctor` lists the permissions that are missing',
  },
  {
    names: ['QueueDoesNotExist', 'NonExistentQueue', 'NoSuchBucket', 'ResourceNotFound'],
    kind: 'unreachable',
    what: ({ thing }) => `the ${thing} does not exist`,
    hint: 'run `oncectl deploy up`',
  },
  {
    names: [
      'Throttling',
      'Throttled',
      'RequestThrottled',
      'KmsThrottled',
      'TooManyRequests',
      'SlowDown',
      'ProvisionedThroughputExceeded',
      'RequestLimitExceeded',
      'BandwidthLimitExceeded',
      'OverLimit',
    ],
    kind: 'unreachable',
    what: ({ service }) => `${service} throttles this account: too many requests`,
    hint: 'lower the rate, or ask AWS for a higher quota; nothing is lost',
  },
  {
    names: ['EntityTooLarge', 'BatchRequestTooLong', 'ItemCollectionSizeLimitExceeded'],
    kind: 'too-large',
    what: ({ service }) => `it is too large for ${service}`,
    hint: 'keep large bodies in a payload store',
  },
];

/** Refused for its content, whatever is sent again. */
const illegal: Named = {
  names: ['InvalidMessageContents'],
  kind: 'invalid-message',
  what: ({ service }) => `${service} does not take these characters`,
  hint: '',
};

/** Answers that refuse a request but leave open whether an earlier one, or a part, took effect. */
const unsureNames = ['RequestTimeout', 'TransactionInProgress', 'InternalError', 'InternalFailure'];

/** Never sent: no connection came about. */
const neverConnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/** What the SDK throws, as far as it can be told. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  /** 0 when there was no answer. */
  readonly status: number;
}

/** Errors of requests of which an earlier attempt may have taken effect (N3). */
const unsure = new WeakSet<object>();

export function markUnsure(error: unknown): void {
  if (typeof error === 'object' && error !== null) unsure.add(error);
}

/** The vendor's name of an error, without prefix and suffix: `AccessDenied`, `NoSuchKey`. */
export function nameOf(error: unknown): string {
  return thrownOf(error).name;
}

/** The HTTP status that answered; 0 when nothing did. */
export function statusOf(error: unknown): number {
  return thrownOf(error).status;
}

export function isThrottled(error: unknown): boolean {
  const { name, status } = thrownOf(error);
  return status === 429 || status === 509 || namedBy(name)?.what === throttled?.what;
}

/** N1 and N2, for one attempt. */
export function mayHaveHappened(error: unknown): boolean {
  const { name, code, status, message } = thrownOf(error);
  if (unsureNames.includes(name)) return true;
  if (status > 0) return status < 300 || (status >= 500 && !isThrottled(error));
  if (neverConnected.includes(code) || /did not establish a connection/.test(message)) return false;
  return !neverSent(name, message);
}

/** N1 to N3, for the whole request. A lost race counts as one only when this says `no`. */
export function happenedOf(error: unknown): Happened {
  if (typeof error === 'object' && error !== null && unsure.has(error)) return 'unknown';
  return mayHaveHappened(error) ? 'unknown' : 'no';
}

/** The error to show for whatever a client of the SDK threw. */
export function awsError(error: unknown, place: Place): OncectlError {
  if (error instanceof OncectlError) return error;
  const thrown = thrownOf(error);
  const { kind, what, hint } = namedBy(thrown.name) ?? otherwise(thrown);
  return new OncectlError(kind, what(place), {
    about: place.about,
    happened: happenedOf(error),
    ...(hint === '' ? {} : { hint }),
    cause: error,
  });
}

const throttled = namedBy('Throttling');

function namedBy(name: string): Named | undefined {
  return [...named, illegal].find(({ names }) => names.includes(name));
}

/** What has no name of its own, by status or by the way it ended. */
function otherwise({ name, message, status, code }: Thrown): Named {
  if (noValidRegion.test(message)) return noRegion;
  if (status === 401 || status === 403) return namedBy('AccessDenied') ?? unforeseen(message);
  if (status === 429) return throttled ?? unforeseen(message);
  if (status >= 500) {
    const what = ({ service }: Place) => `${service} failed with status ${status}`;
    return { names: [], kind: 'unreachable', what, hint: 'it is tried again; nothing is lost' };
  }
  if (name === 'AbortError') {
    const what = ({ service }: Place) => `a request to ${service} was broken off`;
    return { names: [], kind: 'aborted', what, hint: '' };
  }
  if (/^Timeout/.test(name) && code !== 'ECONNRESET' && code !== 'EPIPE') return timedOut;
  if (status === 0 && code !== '') return unreachable(code);
  return unforeseen(`${name}: ${message}`);
}

const noValidRegion = /^Region (is missing|not accepted)/;

const noRegion: Named = {
  names: [],
  kind: 'unreachable',
  what: () => 'no valid AWS region is set',
  hint: 'set the region in the profile, or AWS_REGION, as for the AWS CLI',
};

const timedOut: Named = {
  names: [],
  kind: 'timeout',
  what: ({ service }) => `${service} did not answer in time`,
  hint: 'check the endpoint and the network',
};

function unreachable(code: string): Named {
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'its host name is unknown',
    EAI_AGAIN: 'its host name cannot be looked up',
  };
  const reason = reasons[code] ?? `the connection was lost (${code})`;
  return {
    names: [],
    kind: 'unreachable',
    what: ({ service }) => `${service} cannot be reached: ${reason}`,
    hint: 'check the endpoint (AWS_ENDPOINT_URL, the profile), the region and the network',
  };
}

function unforeseen(text: string): Named {
  return { names: [], kind: 'bug', what: ({ service }) => `${service} failed: ${text}`, hint: '' };
}

/** Found out before a byte was sent. */
function neverSent(name: string, message: string): boolean {
  const before = ['CredentialsProviderError', 'TokenProviderError', 'NoCredentials'];
  return before.includes(name) || noValidRegion.test(message) || /Invalid URL/.test(message);
}

function thrownOf(error: unknown): Thrown {
  const { name, message, code, $metadata } = (error ?? {}) as {
    name?: unknown;
    message?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  return {
    name: shortName(typeof name === 'string' ? name : ''),
    message: typeof message === 'string' ? message : String(error),
    code: typeof code === 'string' ? code : '',
    status: $metadata?.httpStatusCode ?? 0,
  };
}

/** `AWS.SimpleQueueService.NonExistentQueue`, `AccessDeniedException`: the part that tells. */
function shortName(name: string): string {
  const last = name.slice(name.lastIndexOf('.') + 1);
  return last.length > 9 ? last.replace(/(Exception|_Exception)$/, '') : last;
}
