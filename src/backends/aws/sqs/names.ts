/**
 * Names of queues: `NAMESPACE_ENDPOINT`, and `NAMESPACE_ENDPOINT-dead` for the dead letters. SQS takes
 * 80 characters of [A-Za-z0-9_-]. A namespace holds no `_`, so the first one ends it. An endpoint that
 * does not fit, has a dot, or could be taken for another's dead letters or hash ends in a hash. So no
 * two endpoints share a queue, whatever their names and namespaces.
 */
import { hash } from 'node:crypto';
import { OncectlError } from '../../../engine/errors.js';

const longest = 80;
const deadMark = '-dead';
const hashed = /-x[0-9a-f]{16}$/;

export function queueName(namespace: string, endpoint: string): string {
  const prefix = queuePrefix(namespace);
  const room = longest - prefix.length - deadMark.length;
  const isPlain =
    /^[A-Za-z0-9_-]+$/.test(endpoint) && !endpoint.endsWith(deadMark) && !hashed.test(endpoint);
  if (isPlain && endpoint.length <= room) return prefix + endpoint;
  const digest = `-x${hash('sha256', endpoint, 'hex').slice(0, 16)}`;
  const readable = endpoint.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, room - digest.length);
  return prefix + readable + digest;
}

export function deadQueueName(namespace: string, endpoint: string): string {
  return queueName(namespace, endpoint) + deadMark;
}

/** What the names of all queues of a deployment begin with; refuses what could not be told apart. */
export function queuePrefix(namespace: string): string {
  if (!/^[a-z0-9-]{1,40}$/.test(namespace)) {
    throw new OncectlError('profile', 'a namespace has 1 to 40 characters of a-z, 0-9 and -', {
      about: namespace,
    });
  }
  return `${namespace}_`;
}
