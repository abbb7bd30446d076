/** The filter that `outbox list` and `outbox repair` share. */
import * as Flags from '@oclif/core/flags';
import type { StuckQuery } from '../src/operate/outbox/stuck.js';

export const stuckFlags = {
  older: Flags.string({
    description: 'Only what was committed so long ago.',
    default: '1m',
    helpValue: 'DURATION',
  }),
  endpoint: Flags.string({
    description: 'Only this endpoint. Can be given again.',
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
  }),
  step: Flags.option({
    options: ['committed', 'checked', 'slot'] as const,
    description: 'Only what stands at this step.',
  })(),
  entity: Flags.string({ description: 'Only of the entity with this key.', helpValue: 'KEY' }),
  outbox: Flags.string({
    description: 'An outbox of another library, as the profile names it (deployment.outboxes).',
    helpValue: 'NAME',
    exclusive: ['endpoint', 'step', 'entity', 'error'],
  }),
  error: Flags.string({
    description: 'Only where the last failed attempt said this.',
    helpValue: 'TEXT',
  }),
};

interface Given {
  readonly endpoint?: readonly string[] | undefined;
  readonly step?: StuckQuery['step'] | undefined;
  readonly entity?: string | undefined;
  readonly error?: string | undefined;
}

export function stuckQuery(
  { endpoint, step, entity, error }: Given,
  olderThanMs: number,
): Omit<StuckQuery, 'sort' | 'limit' | 'after'> {
  return {
    endpoints: endpoint ?? [],
    olderThanMs,
    step: step ?? null,
    entity: entity ?? null,
    error: error ?? null,
  };
}
