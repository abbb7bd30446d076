/**
 * Deliberately wrong stores, each with the case that must reject it: the proof that the suite can
 * fail. Every one is the reference with a single rule broken.
 */
import type { Ports } from '../../src/engine/ports.js';
import type { UpkeepParts } from '../../src/engine/upkeep.js';
import { type Build, memoryPorts, type World } from './memory.js';
import type { MemoryBroker } from './memory-broker.js';
import { MemoryBusiness, type MemoryIsland } from './memory-business.js';
import type { OpenState } from './memory-checks.js';
import { type BuildUpkeep, memoryUpkeep } from './memory-upkeep.js';
import {
  AbortLosesMessage,
  AckByMessageId,
  DeadLettersVanish,
  DropsSameId,
  ExtendDoesNothing,
  FailuresDropped,
  KeysRestart,
  LeaseNeverEnds,
  NeverRedelivers,
  NoLease,
  OneReceiptForever,
  ReceivesNotCounted,
  RedriveTwice,
  ReleaseIgnoresDelay,
  SendIgnoresDelay,
  StaleExtendSucceeds,
} from './wrong-brokers.js';
import {
  AnyLaterVersion,
  CheckThenWrite,
  CommitRevertsEntries,
  CreateOverwrites,
  DispatchedKeepsBodies,
  EntriesWithoutEndpoint,
  ForgetsEmptied,
  HashVersion,
  IgnoresExpected,
  PendingByOffset,
  PendingOfAnyAge,
  ResetsOmitted,
  SettleIgnoresFrom,
  SettleMovesVersion,
  SettleNeverMisses,
  WritesEntryOfLoser,
} from './wrong-business.js';
import {
  AppliesWhenGone,
  CachedAbsence,
  CachedBody,
  CachedNo,
  DedupeWithoutEndpoint,
  EmptyIsAbsent,
  EnterChecksQueue,
  EnterWithoutId,
  ExpiredStays,
  NeverExpires,
  SendsBeforeCommit,
  TakesBeforeCommit,
} from './wrong-others.js';
import {
  ClaimsTooMany,
  DiscardsAnother,
  EntriesWithoutDispatched,
  FindsAnywhere,
  ForgetsToken,
  HidesExpired,
  LeasesWhileSearching,
  OldestById,
  ReceivesWhileSearching,
  RemovesChanged,
  SkipsAtEdge,
  UnlimitedCopies,
} from './wrong-upkeep.js';
import { CommitsByOldView, LoadsItself, SettlesByOldView } from './wrong-views.js';

export interface WrongStore {
  readonly name: string;
  readonly build: Build;
  readonly upkeep?: BuildUpkeep;
  /** Titles of the cases that must fail. */
  readonly rejectedBy: readonly string[];
}

function wrong(
  name: string,
  change: (world: World, state: OpenState) => Partial<Ports>,
  ...rejectedBy: string[]
): WrongStore {
  const build: Build = (world, state) => ({
    ...memoryPorts(world, state),
    ...change(world, state),
  });
  return { name, build, rejectedBy };
}

function wrongBusiness(name: string, Store: typeof MemoryBusiness, ...rejectedBy: string[]) {
  return wrong(
    name,
    ({ business }, state) => ({ business: new Store(business, state) }),
    ...rejectedBy,
  );
}

function wrongBroker(name: string, Store: typeof MemoryBroker, ...rejectedBy: string[]) {
  return wrong(name, ({ broker }, state) => ({ broker: new Store(broker, state) }), ...rejectedBy);
}

function wrongIsland(name: string, Store: typeof MemoryIsland, ...rejectedBy: string[]) {
  return wrong(
    name,
    (world, state) => {
      const business = new MemoryBusiness(world.business, state);
      return { island: new Store(world.broker, world.business, business, state) };
    },
    ...rejectedBy,
  );
}

function wrongUpkeep(
  name: string,
  change: (world: World, state: OpenState) => Partial<UpkeepParts>,
  ...rejectedBy: string[]
): WrongStore {
  const upkeep: BuildUpkeep = (world, state) => ({
    ...memoryUpkeep(world, state),
    ...change(world, state),
  });
  return { name, build: memoryPorts, upkeep, rejectedBy };
}

export const wrongStores: readonly WrongStore[] = [
  wrongBusiness(
    'a version that is a hash of the content',
    HashVersion,
    'after A, B, A a condition taken at the first A fails',
    'a commit that changes no byte moves the version all the same',
  ),
  wrongBusiness(
    'a commit that ignores the expected version',
    IgnoresExpected,
    'a commit on another version than the present one is refused and writes nothing',
    'of 50 that commit on one version at once exactly one wins',
  ),
  wrongBusiness(
    'a create that overwrites',
    CreateOverwrites,
    'of 50 that create one entity at once exactly one wins',
  ),
  wrongBusiness(
    'a commit that takes any later version for the right one',
    AnyLaterVersion,
    'a commit on a version of an entity that was never written is refused',
  ),
  wrongBusiness(
    'a commit that checks first and writes later',
    CheckThenWrite,
    'of 50 that commit on one version at once exactly one wins',
    '50 writers that retry lose no write, and no two of them get one version',
  ),
  wrongBusiness(
    'an emptied entity that is deleted',
    ForgetsEmptied,
    'an entity is never forgotten: emptied, it keeps its version',
  ),
  wrongBusiness(
    'a commit that resets what it leaves out',
    ResetsOmitted,
    'a field that a commit leaves out stays as it is',
    'slot and registry stay through commits that leave them out, and are cleared apart',
  ),
  wrongBusiness(
    'a lost race that leaves its entry',
    WritesEntryOfLoser,
    'a commit on another version than the present one is refused and writes nothing',
  ),
  wrongBusiness(
    'entries without their endpoint',
    EntriesWithoutEndpoint,
    'two endpoints with the same key and message id share nothing',
    'settling at one endpoint leaves the same message id at another alone',
  ),
  wrongBusiness(
    'a settle that ignores `from`',
    SettleIgnoresFrom,
    'an entry is settled from its own step or from any, and from no other',
    'of 20 that dispatch one entry at once exactly one settles it',
  ),
  wrongBusiness(
    'a settle that moves the version of the entity',
    SettleMovesVersion,
    'settling does not move the version of the entity',
  ),
  wrongBusiness(
    'a settle that is settled when the entry is missing',
    SettleNeverMisses,
    'an entry that is not there is missing, whatever it is to become',
    'of 20 that remove one entry at once exactly one settles it',
  ),
  wrongBusiness(
    'a dispatched entry that keeps its bodies',
    DispatchedKeepsBodies,
    'a dispatched entry drops its bodies and keeps id, transaction and time',
  ),
  wrongBusiness(
    'a commit that brings settled entries back',
    CommitRevertsEntries,
    'a later commit leaves settled entries as they are',
  ),
  wrongBusiness(
    'a settle that looks at what its client once saw',
    SettlesByOldView,
    'an entry is settled by a client that saw the entity before it was there',
  ),
  wrongBusiness(
    'a commit that compares with what its client once saw',
    CommitsByOldView,
    'a version that another client wrote can be committed on without a load',
  ),
  wrongBusiness(
    'a load that hands out its own bytes',
    LoadsItself,
    'the bytes a caller changes after its load are not what a later commit keeps',
  ),
  wrongBusiness(
    'pages by offset',
    PendingByOffset,
    'settling the listed page does not disturb the next one',
  ),
  wrongBusiness(
    'pending entries of any age',
    PendingOfAnyAge,
    'only entries committed before the asked time are listed',
  ),
  wrongBroker(
    'an ack by message id instead of receipt',
    AckByMessageId,
    'an ack with a stale receipt is no error and leaves the new holder its copy',
    'two copies of one message id are acked one by one',
  ),
  wrongBroker(
    'an extension with a stale receipt that succeeds',
    StaleExtendSucceeds,
    'extending with a stale receipt answers null and leaves the new holder its lease',
  ),
  wrongBroker(
    'an extension that does nothing',
    ExtendDoesNothing,
    'an extended lease holds beyond its first end, and its receipt acks',
  ),
  wrongBroker(
    'a queue that never redelivers',
    NeverRedelivers,
    'a message whose lease ended is delivered again, to another client, under a new receipt',
  ),
  wrongBroker(
    'a lease that never ends',
    LeaseNeverEnds,
    'a message whose lease ended is delivered again, to another client, under a new receipt',
  ),
  wrongBroker('a queue without leases', NoLease, 'a leased message is delivered to nobody else'),
  wrongBroker(
    'one receipt for every lease of a copy',
    OneReceiptForever,
    'releasing with a stale receipt leaves the new holder its lease',
  ),
  wrongBroker(
    'failures that are dropped',
    FailuresDropped,
    'a released message is visible at once, its failure with it',
    'a dead letter keeps message, receives and failures, the reason last',
  ),
  wrongBroker(
    'deliveries that are not counted',
    ReceivesNotCounted,
    'every delivery counts: receives is 1, 2, 3',
  ),
  wrongBroker(
    'a release that ignores its delay',
    ReleaseIgnoresDelay,
    'a message released with a delay is not visible before, but after',
  ),
  wrongBroker(
    'a send that ignores its delay',
    SendIgnoresDelay,
    'a delayed message is not visible before its time, but after',
  ),
  wrongBroker(
    'queue keys that restart',
    KeysRestart,
    'messages sent later by another client do not replace earlier ones',
  ),
  wrongBroker(
    'a queue that holds a message id once',
    DropsSameId,
    'the same message id at two endpoints is two messages',
  ),
  wrongBroker(
    'dead letters that vanish',
    DeadLettersVanish,
    'a dead letter keeps message, receives and failures, the reason last',
  ),
  wrongBroker(
    'a redrive that looks first and moves later',
    RedriveTwice,
    'a letter is redriven once: the second time it is gone',
  ),
  wrongBroker(
    'an aborted receive that still takes a message',
    AbortLosesMessage,
    'an aborted receive comes back at once and takes no message with it',
  ),
  wrong(
    'dedupe records without their endpoint',
    (world, state) => ({ dedupe: new DedupeWithoutEndpoint(world.records, state) }),
    'two endpoints share no id',
  ),
  wrong(
    'a cached "no" of has',
    (world, state) => ({ dedupe: new CachedNo(world.records, state) }),
    'an id added by another client is there at once, also after a `has` that said no',
  ),
  wrong(
    'a record that never expires',
    ({ records }, state) => ({ dedupe: new NeverExpires(records, state) }),
    'an id whose record expired is not there, for this and for another client',
  ),
  wrong(
    'an expired record that keeps the new one out',
    (world, state) => ({ dedupe: new ExpiredStays(world.records, state) }),
    'an id added again after its record expired is there again',
  ),
  wrong(
    'a body from a cache after its delete',
    (world, state) => ({ payload: new CachedBody(world.payloads, state) }),
    'a deleted body is absent at once for another client, also after a `get` that found it',
  ),
  wrong(
    'a cached absence of a body',
    (world, state) => ({ payload: new CachedAbsence(world.payloads, state) }),
    'a put body is there at once for another client, also after a `get` that found nothing',
  ),
  wrong(
    'an empty body that counts as absent',
    (world, state) => ({ payload: new EmptyIsAbsent(world.payloads, state) }),
    'a body of 0 bytes is present, and 1 MiB comes out the same',
  ),
  wrongIsland(
    'an island that lets an id in again',
    EnterWithoutId,
    'a message that enters twice, or at once by two clients, is one message',
  ),
  wrongIsland(
    'an island that looks for the id in the queue only',
    EnterChecksQueue,
    'a message that was handled does not enter again',
  ),
  wrongIsland(
    'a transaction that takes the message before it commits',
    TakesBeforeCommit,
    'a transaction that loses the race leaves queue, state and outbox untouched',
  ),
  wrongIsland(
    'a transaction that sends before it commits',
    SendsBeforeCommit,
    'a transaction that loses the race leaves queue, state and outbox untouched',
    'a transaction with a stale receipt answers gone and changes nothing',
  ),
  wrongIsland(
    'a transaction that is applied although its message is gone',
    AppliesWhenGone,
    'a transaction with a stale receipt answers gone and changes nothing',
  ),
  wrongBusiness(
    'an entry that loses its token when it is checked',
    ForgetsToken,
    'an entry keeps its token until it is dispatched, and one without comes out without',
    'entries of every step are listed whole, as a load finds them',
  ),
  wrongUpkeep(
    "a listing that skips a row at a page's edge",
    (world, state) => ({ business: new SkipsAtEdge(world, state) }),
    'entries are listed page by page in the order of their ids, each exactly once',
  ),
  wrongUpkeep(
    'a listing without the dispatched entries',
    (world, state) => ({ business: new EntriesWithoutDispatched(world, state) }),
    'entries of every step are listed whole, as a load finds them',
  ),
  wrongUpkeep(
    'oldest entries in the order of their ids',
    (world, state) => ({ business: new OldestById(world, state) }),
    'the oldest pending entries come by the time of their commit, not by id',
    'among many young ones the one that was committed late is found',
  ),
  wrongUpkeep(
    'a count that calls a part of them all',
    (world, state) => ({ business: new ClaimsTooMany(world, state) }),
    'a count that stops early says so, and never tells too many',
  ),
  wrongUpkeep(
    'a search that takes a lease',
    (world, state) => ({ broker: new LeasesWhileSearching(world, state) }),
    'a search changes nothing: leases, receives, order and depth stay as they were',
  ),
  wrongUpkeep(
    'a search that receives and puts back',
    (world, state) => ({ broker: new ReceivesWhileSearching(world, state) }),
    'a search changes nothing: leases, receives, order and depth stay as they were',
  ),
  wrongUpkeep(
    'a search for the prefix anywhere in the id',
    (world, state) => ({ broker: new FindsAnywhere(world, state) }),
    'only ids that begin with the prefix are found, whatever else contains it',
  ),
  wrongUpkeep(
    'a search that limits the dead letters apart',
    (world, state) => ({ broker: new UnlimitedCopies(world, state) }),
    'no more copies are found than asked for, dead letters included',
  ),
  wrongUpkeep(
    'a discard that removes another letter',
    (world, state) => ({ broker: new DiscardsAnother(world, state) }),
    'a dead letter is discarded once, and then is nowhere',
    'nothing but a dead letter of the same endpoint is discarded',
  ),
  wrongUpkeep(
    'a removal that ignores that the record changed',
    (world, state) => ({ dedupe: new RemovesChanged(world, state) }),
    'a record is removed while it is the one that was listed, and only then',
  ),
  wrongUpkeep(
    'a listing without expired records',
    (world, state) => ({ dedupe: new HidesExpired(world, state) }),
    'a record that expired is listed for as long as it is there',
  ),
];
