/** What the evidence says about the few messages that a verdict names: a second pass over the files. */
import { basename } from 'node:path';
import type { CommitRecord } from '../engine/ports.js';
import { evidenceFiles, type Violation } from './evidence-files.js';
import type { Finding } from './findings.js';
import {
  parseArrival,
  parseCommit,
  parseEntered,
  parseInjected,
  parsePending,
  unreadBody,
} from './lines.js';
import { filesOf, lineBatches, ownCopy } from './read-lines.js';

/** Lines kept of each message's history; how many more there are is said. */
const linesKept = 40;

interface Story {
  readonly lines: string[];
  more: number;
}

type Stories = ReadonlyMap<string, Story>;
const injectedSentences = {
  duplicate: 'delivered once more by a fault',
  discarded: 'discarded by an operator',
  restored: 'put back by an operator',
} as const;

/** Adds a sentence to the story of a message, if it is one of those asked for. */
type Tell = (endpoint: string, messageId: string, sentence: () => string) => void;

/** The findings with all that is known about their messages, oldest kind of evidence first. */
export async function withHistories(
  folder: string,
  findings: readonly Finding[],
): Promise<Violation[]> {
  const stories = new Map<string, Story>();
  for (const { endpoint, messageId } of findings) {
    if (messageId !== '') stories.set(`${endpoint}\t${messageId}`, { lines: [], more: 0 });
  }
  if (stories.size > 0) for (const chapter of chapters) await tellAll(folder, chapter, stories);
  return findings.map((finding) => ({
    ...finding,
    history: historyOf(stories.get(`${finding.endpoint}\t${finding.messageId}`)),
  }));
}

function historyOf(story: Story | undefined): string[] {
  if (story === undefined) return [];
  return story.more === 0 ? story.lines : [...story.lines, `and ${story.more} more lines`];
}

interface Chapter {
  readonly files: string;
  /** Tells what one line says. Parses it only once its ids are known to matter. */
  readonly tell: (line: string, tell: Tell) => void;
}

async function tellAll(folder: string, { files, tell }: Chapter, stories: Stories) {
  const ids = [...new Set([...stories.keys()].map((key) => key.slice(key.indexOf('\t') + 1)))];
  const names = (text: string) => ids.some((id) => text.includes(id));
  for (const path of await filesOf(folder, files)) {
    for await (const { first, lines, text } of lineBatches(path)) {
      if (!names(text)) continue;
      for (const [index, line] of lines.entries()) {
        const place = `${basename(path)}:${first + index}`;
        if (names(line)) tell(line, tellerOf(stories, place));
      }
    }
  }
}

function tellerOf(stories: Stories, place: string): Tell {
  return (endpoint, messageId, sentence) => {
    const story = stories.get(`${endpoint}\t${messageId}`);
    if (story === undefined) return;
    if (story.lines.length < linesKept) story.lines.push(ownCopy(`${sentence()} (${place})`));
    else story.more += 1;
  };
}

const shown = (hash: string) => (hash === '' ? 'none' : hash === unreadBody ? 'not read' : hash);

const chapters: readonly Chapter[] = [
  {
    files: evidenceFiles.entered,
    tell: (line, tell) => {
      const { endpoint, messageId, key, hash, outcome } = parseEntered(line);
      tell(endpoint, messageId, () => {
        return `entered at ${endpoint}, ${outcome}: entity ${key}, body ${shown(hash)}`;
      });
    },
  },
  { files: evidenceFiles.commits, tell: tellOutgoing },
  {
    files: evidenceFiles.injected,
    tell: (line, tell) => {
      const { endpoint, messageId, what } = parseInjected(line);
      const sentence = injectedSentences[what];
      tell(endpoint, messageId, () => `${sentence} at ${endpoint}`);
    },
  },
  {
    files: evidenceFiles.arrivals,
    tell: (line, tell) => {
      const { endpoint, messageId, transaction, hash } = parseArrival(line);
      const origin = transaction === null ? 'entered' : `sent by transaction ${transaction}`;
      tell(endpoint, messageId, () => `arrived at ${endpoint}: ${origin}, body ${shown(hash)}`);
    },
  },
  {
    files: evidenceFiles.commits,
    tell: (line, tell) => {
      const record = parseCommit(line);
      tell(record.endpoint, record.messageId, () => commitSentence(record));
    },
  },
  {
    files: evidenceFiles.pending,
    tell: (line, tell) => {
      const { endpoint, messageId, where } = parsePending(line);
      tell(endpoint, messageId, () => `still ${where} at ${endpoint} at the end`);
    },
  },
];

function tellOutgoing(line: string, tell: Tell): void {
  const record = parseCommit(line);
  for (const { id, endpoint, hash } of record.outgoing) {
    const by = `transaction ${record.transaction} of message ${record.messageId}`;
    tell(
      endpoint,
      id,
      () => `promised to ${endpoint} by ${by} at ${record.endpoint}, body ${shown(hash)}`,
    );
  }
}

function commitSentence(record: CommitRecord): string {
  const { endpoint, key, transaction, previous, version, before, after, outgoing } = record;
  const place = `transaction ${transaction} after ${previous ?? 'none'}, version ${version}`;
  const state = `state ${shown(before)} -> ${shown(after)}`;
  const sent = `${outgoing.length} outgoing`;
  return `committed at ${endpoint}: entity ${key}, ${place}, ${state}, ${sent}`;
}
