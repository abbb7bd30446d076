/** What Amazon SQS documents as its limits (standard queues), and what we make of them. */

export const batchItems = 10;
/** For one message, and for all of a batch together; attributes count. */
export const batchBytes = 1024 * 1024;
/** Kept free in every message for the failures that a copy of it may have to carry. */
export const pastBytes = 16 * 1024;
/** Every chunk begun of what a request carries is billed as one request. */
export const billedChunkBytes = 64 * 1024;
export const longestDelaySeconds = 900;
/** A lease ends at most so long after the receive, however often it is extended. */
export const longestLeaseSeconds = 12 * 3600;
export const longestPollSeconds = 20;
/** 14 days, the most; a copy keeps its own time. The default of 4 days loses dead letters. */
export const retentionSeconds = 14 * 24 * 3600;
/** The most that SQS takes: attempts are counted by failures, and this is the net below them. */
export const maxReceiveCount = 1000;

/** Whole seconds, never fewer than asked for. */
export function secondsOf(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1000));
}

/** A lease in whole seconds: at least one, and no longer than SQS allows. */
export function leaseSeconds(ms: number): number {
  return Math.min(longestLeaseSeconds, Math.max(1, secondsOf(ms)));
}
