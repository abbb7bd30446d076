/** Amazon S3 as payload store, dedupe store and business store. */
export { type OpenedS3, openS3 } from './open.js';
export type { S3Options } from './options.js';
export { s3Provisioner } from './provision.js';
export type { RequestCount } from './request-counts.js';
