/** Names S3's and the network's errors; no vendor code leaves this folder. */
import { type ErrorKind, type Happened, OncectlError } from '../../../engine/errors.js';

interface Named {
  readonly match: RegExp;
  readonly kind: ErrorKind;
  readonly what: string;
  readonly hint: string;
  /** Said by the server before it did anything, or by us before we sent anything. */
  readonly happened: Happened;
}

const deploy = 'make it with: oncectl deploy up';

const named: readonly Named[] = [
  {
    match: /^NoSuchBucket$/,
    kind: 'not-found',
    what: 'the bucket is not there',
    hint: deploy,
    happened: 'no',
  },
  {
    match: /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired)$/,
    kind: 'denied',
    what: 'S3 does not accept the credentials',
    hint: 'check them as for the AWS CLI: aws sts get-caller-identity',
    happened: 'no',
  },
  {
    match: /^(CredentialsProviderError|TokenProviderError)$/,
    kind: 'denied',
    what: 'there are no AWS credentials',
    hint: 'give them as for the AWS CLI: environment, shared config, or a profile',
    happened: 'no',
  },
  {
    match: /^(AccessDenied|AllAccessDisabled|AccountProblem|InvalidObjectState|Forbidden|403)$/,
    kind: 'denied',
    what: 'S3 denies access',
    hint: 'oncectl needs s3:ListBucket on the bucket, and s3:GetObject, PutObject, DeleteObject',
    happened: 'no',
  },
  {
    match: /^RequestTimeTooSkewed$/,
    kind: 'denied',
    what: 'the clock of this machine is too far off for S3',
    hint: 'set the clock; S3 takes 15 minutes at most',
    happened: 'no',
  },
  {
    match: /^(PermanentRedirect|TemporaryRedirect|AuthorizationHeaderMalformed|301|307)$/,
    kind: 'profile',
    what: 'the bucket is in another region than the one that was asked',
    hint: 'set the region of the deployment to that of the bucket',
    happened: 'no',
  },
  {
    match: /^(InvalidBucketName|ParamValidationError|EndpointError|IllegalLocationConstraint\w*)$/,
    kind: 'profile',
    what: 'S3 cannot have a bucket of that name, or not in that region',
    hint: 'check bucket, region and endpoint of the deployment',
    happened: 'no',
  },
  {
    match: /^(BucketAlreadyExists|OperationAborted)$/,
    kind: 'denied',
    what: 'the bucket belongs to another account, or is just being made or removed',
    hint: 'choose another name; names of buckets are shared by all accounts',
    happened: 'no',
  },
  {
    match: /^(EntityTooLarge|KeyTooLongError|MetadataTooLarge|RequestEntityTooLarge|413)$/,
    kind: 'too-large',
    what: 'the object is larger than S3 takes',
    hint: 'S3 takes 5 GB in one piece',
    happened: 'no',
  },
  {
    match: /^(InsufficientCapacity|XMinioStorageFull|QuotaExceeded|507)$/,
    kind: 'disk-full',
    what: 'the server has no room left',
    hint: 'free some space on it; the deployment goes on where it stopped',
    happened: 'no',
  },
  {
    match: /^(SlowDown|TooManyRequests|RequestLimitExceeded|429)$/,
    kind: 'unreachable',
    what: 'S3 asks for fewer requests',
    hint: 'it is tried again; lower the rate if it goes on',
    happened: 'no',
  },
  {
    match: /^(ConditionalRequestConflict|409)$/,
    kind: 'unreachable',
    what: 'S3 was busy with other writes of the same object',
    hint: 'it is tried again',
    happened: 'no',
  },
  {
    match: /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL)$/,
    kind: 'unreachable',
    what: 'S3 cannot be reached',
    hint: 'check the network, the region, and AWS_ENDPOINT_URL',
    happened: 'no',
  },
  {
    match: /^(TimeoutError|RequestTimeout|ETIMEDOUT|AbortError)$/,
    kind: 'timeout',
    what: 'S3 did not answer in time',
    hint: 'it is tried again',
    happened: 'unknown',
  },
  {
    match: /^(ECONNRESET|EPIPE|ECONNABORTED|ERR_SSL\w*|EPROTO)$/,
    kind: 'unreachable',
    what: 'the connection to S3 was lost',
    hint: 'it is tried again',
    happened: 'unknown',
  },
  {
    match: /^(InternalError|ServiceUnavailable|BadGateway|5\d\d)$/,
    kind: 'unreachable',
    what: 'S3 failed for a moment',
    hint: 'it is tried again',
    happened: 'unknown',
  },
];

interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

/** Everything by which an error may be known: S3's code, the network's code, the HTTP status. */
export function marksOf(thrown: unknown): readonly string[] {
  if (typeof thrown !== 'object' || thrown === null) return [];
  const { name, code, Code, cause, $metadata } = thrown as Thrown;
  const marks = [name, code, Code, $metadata?.httpStatusCode].map(String);
  return cause instanceof Error ? [...marks, ...marksOf(cause)] : marks;
}

/**
 * The error to show for whatever the SDK threw. Only an answer to the one request that was ever sent
 * can say `no`: of two that were sent, the first may have taken effect.
 */
export function s3Error(thrown: unknown, about: string): OncectlError {
  if (thrown instanceof OncectlError) return thrown;
  const marks = marksOf(thrown);
  const found = named.find(({ match }) => marks.some((mark) => match.test(mark)));
  if (!found) return unnamed(thrown, about);
  const repeated = ((thrown as Thrown).$metadata?.attempts ?? 1) > 1;
  return new OncectlError(found.kind, found.what, {
    about,
    happened: repeated ? 'unknown' : found.happened,
    hint: found.hint,
    cause: thrown,
  });
}

function unnamed(thrown: unknown, about: string): OncectlError {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new OncectlError('bug', `S3 answered what oncectl does not know: ${text}`, {
    about,
    happened: 'unknown',
    cause: thrown,
  });
}
