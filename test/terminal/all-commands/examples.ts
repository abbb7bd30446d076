/** How the examples of the help are run: the ids in them, and what a test adds to those that take long. */
import type { Ids } from './prepared.js';
import type { Case } from './rows.js';

interface Told {
  /** Put behind it. */
  readonly more?: string;
  /** Any of them. */
  readonly exits?: readonly number[];
  readonly signal?: Case['signal'];
  /** A worker handles what it sends. */
  readonly worker?: true;
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

/** On a machine that is busy a run is invalid, or misses a threshold, and says so. */
const measured = [0, 7, 99, 103];
const short = '--set load.duration=500ms --set load.warmup=0s --no-tui';
const working = { name: 'SIGTERM', at: /Ctrl-C stops it/ } as const;

/** An example that is not named here ends 0, as it stands. */
export const told: Readonly<Record<string, Told>> = {
  'bench drain @last': { more: '--timeout 1s', exits: [7] },
  'bench run classic': { more: short, exits: measured },
  'bench run classic --protocol outbox --set load.rate=80/s': { more: short, exits: measured },
  'bench run faulty --no-tui --json': { more: short, exits: measured },
  'dead edit 01J9Z4K7QF -p shop.yaml': { exits: [4] },
  'status -p @last --watch --interval 5s': { signal: { name: 'SIGINT', at: /\n/ }, exits: [130] },
  // What was retried dies again, and that is more than 1%.
  'dead retry -p shop.yaml --endpoint payments --canary 1,10 --rate 20/s --stop-on 1% --yes': {
    ...{ worker: true, exits: [7] },
  },
  // Messages are queued, so it is refused.
  'deploy down shop.yaml --yes': { exits: [4] },
  'profile init my.yaml': { more: '--force' },
  'status -p shop.yaml --check --older 5m': { exits: [10] },
  verify: { more: '--time 100ms', exits: [7] },
  'verify token --crashes 2': { more: '--time 100ms', exits: [7] },
  'verify dedupe-store --repairs 2': { more: '--time 100ms', exits: [7] },
  'verify dedupe-store --dedupe negative-cache': { exits: [97] },
  'verify all --dedupe strong,negative-cache,expiry': { more: '--time 100ms', exits: [97] },
  'verify --replay trace.json --on quick': { exits: [97] },
  'verify token --workers 3 --messages 3 --seed 7 --walks 5000': {
    ...{ more: '--time 1s', exits: [0, 7] },
  },
  'worker shop.yaml': { signal: working, exits: [143] },
  'worker shop.yaml --endpoint billing --endpoint shipping': { signal: working, exits: [143] },
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
