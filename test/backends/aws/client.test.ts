/** Region, endpoint, profile and credentials: as the AWS CLI takes them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  type AwsOptions,
  clientConfig,
  endpointOf,
  needsPathStyle,
} from '../../../src/backends/aws/shared/client.js';

const none: AwsOptions = { region: null, endpoint: null, profile: null };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncectl-aws-'));
  for (const name of Object.keys(process.env)) if (/^AWS_/.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  const config = [
    '[default]',
    'region = eu-west-1',
    'endpoint_url = http://default.example',
    '[profile shop] # ours',
    'region=eu-central-1',
    'endpoint_url = http://shop.example',
    'services = local',
    '[services local]',
    'sqs =',
    '  endpoint_url = http://sqs.example',
    '',
  ].join('\n');
  writeFileSync(join(folder, 'config'), config);
  const keys = (name: string) =>
    `[${name}]\naws_access_key_id = ${name}-key\naws_secret_access_key = x\n`;
  writeFileSync(join(folder, 'credentials'), keys('default') + keys('shop'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function resolved(options: AwsOptions) {
  const { config } = new SQSClient(clientConfig('sqs', options));
  const { accessKeyId, sessionToken } = await config.credentials();
  return { region: await config.region(), key: accessKeyId, token: sessionToken ?? null };
}

it('the config file counts, by profile', async () => {
  expect(await resolved(none)).toEqual({ region: 'eu-west-1', key: 'default-key', token: null });
  const shop = { region: 'eu-central-1', key: 'shop-key', token: null };
  expect(await resolved({ ...none, profile: 'shop' })).toEqual(shop);
  vi.stubEnv('AWS_PROFILE', 'shop');
  expect(await resolved(none)).toEqual(shop);
});

it('AWS_REGION wins over AWS_DEFAULT_REGION, both over the file, ours over all', async () => {
  vi.stubEnv('AWS_DEFAULT_REGION', 'us-west-1');
  expect((await resolved(none)).region).toBe('us-west-1');
  vi.stubEnv('AWS_REGION', 'us-west-2');
  expect((await resolved(none)).region).toBe('us-west-2');
  expect((await resolved({ ...none, region: 'sa-east-1' })).region).toBe('sa-east-1');
});

it('keys of the environment win over AWS_PROFILE, and lose against a profile given', async () => {
  vi.stubEnv('AWS_PROFILE', 'shop');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'environment-key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  expect(await resolved(none)).toMatchObject({ key: 'environment-key', token: 'token' });
  expect((await resolved({ ...none, profile: 'shop' })).key).toBe('shop-key');
});

it('the endpoint: ours, the one of the service, the one of all, the file', () => {
  expect(endpointOf('sqs', none)).toBe('http://default.example');
  expect(endpointOf('sqs', { ...none, profile: 'shop' })).toBe('http://sqs.example');
  expect(endpointOf('s3', { ...none, profile: 'shop' })).toBe('http://shop.example');
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://all.example');
  expect(endpointOf('sqs', { ...none, profile: 'shop' })).toBe('http://all.example');
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', 'http://one.example');
  expect(endpointOf('sqs', none)).toBe('http://one.example');
  expect(endpointOf('dynamodb', none)).toBe('http://all.example');
  expect(endpointOf('sqs', { ...none, endpoint: 'http://own.example' })).toBe('http://own.example');
  vi.stubEnv('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true');
  expect(endpointOf('sqs', none)).toBeNull();
});

it('a bucket goes into the path where the host is an address or localhost', () => {
  const at = (endpoint: string) => needsPathStyle({ ...none, endpoint });
  expect(['http://127.0.0.1:9', 'http://[::1]:9', 'http://localhost:9'].map(at)).toEqual(
    Array(3).fill(true),
  );
  expect(at('https://s3.example')).toBe(false);
});

it('says nothing by itself', () => {
  const said = vi.spyOn(process, 'emitWarning');
  new SQSClient(clientConfig('sqs', { ...none, region: 'us-east-1' })).destroy();
  expect(said).not.toHaveBeenCalled();
});
