/** How the examples of the help are run: the ids in them, and what a test adds to those that take long. */
import type { Ids } from './prepared.js';
import type { Case } from './rows.js';

interface Told {
  /** Put behind it. */
  readonly more?: string;
  readonly exit?: number;
  readonly signal?: Case['signal'];
}

/** They need a server, and are run where there are some. */
export const onServers: readonly string[] = [
  'doctor classic --backend sqs-s3 --check',
  'deploy up classic --backend postgres',
  'outbox list -p shop.yaml --outbox legacy',
  'outbox repair -p shop.yaml --outbox legacy --dry-run',
  'dev up',
  'dev up postgres',
  'dev up --json',
];

const short = '--set load.duration=500ms --set load.warmup=0s --no-tui';
const working = { name: 'SIGTERM', at: /Ctrl-C stops it/ } as const;

/** An example that is not named here ends 0, as it stands. */
export const told: Readonly<Record<string, Told>> = {
  'bench drain @last': { more: '--timeout 1s', exit: 7 },
  'bench run classic': { more: short },
  'bench run classic --protocol outbox --set load.rate=80/s': { more: short },
  'bench run faulty --no-tui --json': { more: short },
  'dead edit 01J9Z4K7QF -p shop.yaml': { exit: 4 },
  'status -p @last --watch --interval 5s': { signal: { name: 'SIGINT', at: /\n/ }, exit: 130 },
  verify: { more: '--time 100ms', exit: 7 },
  'verify token --crashes 2': { more: '--time 100ms', exit: 7 },
  'verify dedupe-store --repairs 2': { more: '--time 100ms', exit: 7 },
  'verify dedupe-store --dedupe negative-cache': { exit: 97 },
  'verify all --dedupe strong,negative-cache,expiry': { more: '--time 100ms', exit: 97 },
  'verify --replay trace.json --on quick': { exit: 97 },
  'verify token --workers 3 --messages 3 --seed 7 --walks 5000': { more: '--walks 50' },
  'worker shop.yaml': { signal: working, exit: 143 },
  'worker shop.yaml --endpoint billing --endpoint shipping': { signal: working, exit: 143 },
};

/** Placeholders of the help, by the topic of the command. */
export function withIds(line: string, ids: Ids): string {
  const topics: Readonly<Record<string, string>> = {
    ...{ dead: ids.dead, dedupe: ids.known, token: ids.payload },
  };
  const [topic = ''] = line.split(' ');
  return line
    .replace('01J9Z4K7QF', topics[topic] ?? ids.stuck)
    .replace(/^undo 12\b/, `undo ${ids.log}`);
}
