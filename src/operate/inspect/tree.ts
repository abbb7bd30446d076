/**
 * The chain or fan-out that a message belongs to: what caused it, and what its handling caused, down to
 * the last hop; from entries and slots, from the messages that are queued, and from a run's journal.
 */
import type { Operation } from '../operation.js';
import type { Coverage } from '../outbox/stuck.js';
import { findMessage } from './find.js';
import { gather } from './gather.js';
import { ladderOf } from './ladder.js';

export interface TreeNode {
  readonly messageId: string;
  readonly endpoint: string;
  /**
   * `handled`: its commit is in the journal and nothing of it is left. `promised`: not sent yet, as far
   * as can be told. Else as `inspect` says.
   */
  readonly state:
    | 'handled'
    | 'unfinished'
    | 'promised'
    | 'queued'
    | 'dead'
    | 'arrived'
    | 'not found';
  /** Step that comes next, of one that is unfinished. */
  readonly here: string | null;
  /** When it was committed; null: not, or nothing tells. */
  readonly committedAt: number | null;
  /** The message that was asked about. */
  readonly isAsked: boolean;
  readonly children: readonly TreeNode[];
}

export interface MessageTree {
  readonly root: TreeNode;
  /** The tree was cut at so many messages. */
  readonly truncated: boolean;
  readonly coverage: readonly Coverage[];
}

const mostMessages = 500;

/** Reads only. Errors: as `inspectMessage`. */
export async function messageTree(operation: Operation, wanted: string): Promise<MessageTree> {
  const asked = await messageIdOf(operation, wanted);
  const journal = operation.journal;
  const commits = journal ? await journal.chainOf(asked.messageId, mostMessages) : new Map();
  const rootId = rootOf(asked.messageId, commits);
  const walk = new Walk(operation, commits, asked.messageId);
  const root = await walk.node(rootId, commits.get(rootId)?.endpoint ?? asked.endpoint);
  const noJournal: Coverage[] = journal
    ? []
    : [
        {
          endpoint: '*',
          store: 'business',
          searched: false,
          why: 'without an audit there is no journal: what was handled and forgotten cannot be named',
        },
      ];
  return { root, truncated: walk.truncated, coverage: [...asked.coverage, ...noJournal] };
}

/** A message that is long handled is in the journal alone. */
async function messageIdOf(operation: Operation, wanted: string) {
  try {
    return await findMessage(operation, wanted, false);
  } catch (error) {
    const commits = await operation.journal?.commitsOf(new Set([wanted]));
    const commit = commits?.get(wanted);
    if (!commit) throw error;
    return { messageId: wanted, endpoint: commit.endpoint, copies: [], coverage: [] };
  }
}

type Commits = ReadonlyMap<
  string,
  {
    readonly endpoint: string;
    readonly at: number;
    readonly outgoing: readonly { readonly id: string; readonly endpoint: string }[];
  }
>;

function rootOf(messageId: string, commits: Commits): string {
  for (const [id, { outgoing }] of commits) {
    if (outgoing.some((one) => one.id === messageId)) return rootOf(id, commits);
  }
  return messageId;
}

class Walk {
  truncated = false;
  readonly #operation: Operation;
  readonly #commits: Commits;
  readonly #asked: string;
  #count = 0;

  constructor(operation: Operation, commits: Commits, asked: string) {
    this.#operation = operation;
    this.#commits = commits;
    this.#asked = asked;
  }

  async node(messageId: string, endpoint: string, isPromised = false): Promise<TreeNode> {
    this.#count++;
    const commit = this.#commits.get(messageId);
    const now = await this.#now(messageId, endpoint, isPromised);
    const outgoing = commit?.outgoing ?? now.caused;
    const children: TreeNode[] = [];
    for (const { id, endpoint: to } of outgoing) {
      if (this.#count >= mostMessages) {
        this.truncated = true;
        break;
      }
      children.push(await this.node(id, to, now.state === 'unfinished'));
    }
    return {
      ...{ messageId, endpoint, state: now.state, here: now.here },
      committedAt: now.committedAt ?? commit?.at ?? null,
      isAsked: messageId === this.#asked,
      children,
    };
  }

  /** What the stores say of it now. */
  async #now(messageId: string, endpoint: string, isPromised: boolean) {
    const isCommitted = this.#commits.has(messageId);
    const operated = this.#operation.endpoints.find(({ name }) => name === endpoint);
    const found = await findMessage(this.#operation, messageId, false).catch(() => null);
    if (!found) {
      const missing = isPromised ? 'promised' : operated ? 'not found' : 'arrived';
      const state = isCommitted ? 'handled' : missing;
      return { state, here: null, committedAt: null, caused: [] } as const;
    }
    const facts = await gather(this.#operation, found);
    const ladder = ladderOf(facts);
    const { entry, slot, caused } = facts;
    const pending = (entry !== null && entry.step !== 'dispatched') || slot !== null;
    const isDead = facts.copies.length > 0 && facts.copies.every(({ state }) => state === 'dead');
    const isDone = isCommitted || entry !== null || facts.record !== null;
    const state = pending ? 'unfinished' : isDone ? 'handled' : isDead ? 'dead' : 'queued';
    const here = pending ? (ladder?.here ?? null) : null;
    return { state, here, caused, committedAt: (entry ?? slot)?.committedAt ?? null } as const;
  }
}
