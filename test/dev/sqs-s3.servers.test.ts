import { expect, it } from 'vitest';
import { environmentOf } from '../servers/provided.js';

it('is there', () => {
  expect(environmentOf('sqs-s3')).toHaveProperty('AWS_ENDPOINT_URL_S3');
});
