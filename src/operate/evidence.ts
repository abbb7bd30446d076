/**
 * What an operator adds to the evidence of a run, so that its audit can tell a message that was
 * discarded from one that was lost, and one that an operator sent from one that leaked. Lines are written
 * with write(2) before what they speak of is done; each process has files of its own.
 */
import { evidenceFiles } from '../audit/evidence-files.js';
import { type EnteredRecord, type InjectedRecord, parseInjected } from '../audit/lines.js';
import { filesOf, forEachRecord } from '../audit/read-lines.js';
import { EvidenceWriter } from '../audit/writer.js';

export class OperatorEvidence {
  readonly #folder: string;
  /** Discards less restores, by endpoint and message; null until somebody asks. */
  #known: Promise<Map<string, number>> | null = null;

  /** `folder` of the run's evidence. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Says that the message is discarded; false: that was said before, and not taken back. */
  async discarded(endpoint: string, messageId: string): Promise<boolean> {
    const known = await this.#counts();
    if ((known.get(`${endpoint}\t${messageId}`) ?? 0) > 0) return false;
    this.#write({ endpoint, messageId, what: 'discarded' }, known);
    return true;
  }

  /** Takes a discard back; does nothing when there was none. */
  async restored(endpoint: string, messageId: string): Promise<void> {
    const known = await this.#counts();
    if ((known.get(`${endpoint}\t${messageId}`) ?? 0) <= 0) return;
    this.#write({ endpoint, messageId, what: 'restored' }, known);
  }

  /** A message that an operator sends: `unknown` before the send, `accepted` after it. */
  entered(record: EnteredRecord): void {
    this.#with('entered', (writer) => writer.entered([record]));
  }

  #write(record: InjectedRecord, known: Map<string, number>): void {
    this.#with('injected', (writer) => writer.injected([record]));
    count(record, known);
  }

  #with(kind: 'entered' | 'injected', use: (writer: EvidenceWriter) => void): void {
    const writer = new EvidenceWriter(this.#folder, kind, `operator-${process.pid}`);
    try {
      use(writer);
    } finally {
      writer.close();
    }
  }

  #counts(): Promise<Map<string, number>> {
    this.#known ??= this.#read();
    return this.#known;
  }

  async #read(): Promise<Map<string, number>> {
    const known = new Map<string, number>();
    for (const path of await filesOf(this.#folder, `${evidenceFiles.injected}operator-`)) {
      await forEachRecord(path, parseInjected, (record) => count(record, known));
    }
    return known;
  }
}

function count({ endpoint, messageId, what }: InjectedRecord, known: Map<string, number>): void {
  const at = `${endpoint}\t${messageId}`;
  known.set(at, (known.get(at) ?? 0) + (what === 'discarded' ? 1 : -1));
}
