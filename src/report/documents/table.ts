/**
 * Every document and stream that a command prints, by its name: what stands in its `data`, and which
 * fields it has besides. The schemas in `schemas/` are made from these types (scripts/schemas.mjs).
 */
import type {
  BenchFault,
  BenchPhaseChange,
  BenchSnapshot,
  BenchStart,
  BenchWarning,
} from '../../bench/events.js';
import type { BenchResult } from '../../bench/result.js';
import type { DeployStep } from '../../deployment/deploy.js';
import type { DeployedFinding, DeployedResource } from '../../deployment/provision.js';
import type { ForeignRow } from '../../engine/foreign.js';
import type { ActionQuery, LoggedAction } from '../../operate/actions.js';
import type { DeadGroup } from '../../operate/dead/groups.js';
import type { DeadFilter, DeadHead } from '../../operate/dead/letters.js';
import type { Checked } from '../../operate/dedupe/check.js';
import type { KnownMessage, KnownQuery } from '../../operate/dedupe/records.js';
import type { AtTime } from '../../operate/inspect/at-time.js';
import type { TreeNode } from '../../operate/inspect/tree.js';
import type { StuckEntry, StuckQuery } from '../../operate/outbox/stuck.js';
import type { PausableEndpoint, PauseChange } from '../../operate/pause/pause.js';
import type { ApplyReport } from '../../operate/plan/apply.js';
import type { Plan } from '../../operate/plan/plan.js';
import type { StatusQuery } from '../../operate/status/status.js';
import type { LostToken } from '../../operate/token/lost.js';
import type { ProfileSummary } from '../../profile/list.js';
import type { ResolvedProfile, WrittenProfile } from '../../profile/show.js';
import type { BenchListRow } from '../bench-list.js';
import type { Explanation } from '../explain.js';
import type { CommandResult } from '../output.js';
import type { VersionInformation } from '../version.js';
import type { Covered, Listed, OfDeployment } from './common.js';
import type { EntryData, ForeignRowData, InspectData, LetterData } from './messages.js';
import type {
  DevDownData,
  DevStatusData,
  DevUpData,
  DrainData,
  ForeignListed,
  ForeignShown,
  PlanShown,
  ProfileWritten,
  TreeShown,
  ValidProfile,
  WorkerData,
} from './small.js';
import type { StaleStatus, StatusData } from './status.js';
import type { ListedTokens, TokenData } from './token.js';
import type { RealReplay, SimulatedReplay, VerifyRow } from './verify.js';

export interface Documents {
  apply: { data: ApplyReport };
  'bench.drain': { data: DrainData };
  'bench.list': { data: readonly BenchListRow[] };
  'bench.show': { data: BenchResult };
  'dead.discard': { data: ApplyReport };
  'dead.discard.plan': { data: Plan };
  'dead.edit': { data: ApplyReport };
  'dead.edit.plan': { data: Plan };
  'dead.groups': { data: readonly DeadGroup[]; about: Listed<DeadFilter> };
  'dead.list': {
    data: readonly DeadHead[];
    about: Listed<DeadFilter & { readonly limit: number }>;
  };
  'dead.retry': { data: ApplyReport };
  'dead.retry.plan': { data: Plan };
  'dead.show': { data: LetterData; about: Covered };
  'dedupe.check': { data: Omit<Checked, 'coverage'>; about: Covered };
  'dedupe.list': { data: readonly KnownMessage[]; about: Listed<KnownQuery> };
  'dedupe.prune': { data: ApplyReport };
  'dedupe.prune.plan': { data: Plan };
  'dedupe.show': { data: KnownMessage; about: OfDeployment };
  'deploy.down': { data: readonly DeployStep[] };
  'deploy.status': { data: readonly DeployedResource[] };
  'deploy.up': { data: readonly DeployStep[] };
  'dev.down': { data: DevDownData };
  'dev.status': { data: DevStatusData };
  'dev.up': { data: DevUpData };
  doctor: { data: readonly DeployedFinding[] };
  'endpoint.list': { data: readonly PausableEndpoint[]; about: OfDeployment };
  'endpoint.pause': { data: PauseChange; about: OfDeployment };
  'endpoint.resume': { data: PauseChange; about: OfDeployment };
  explain: { data: readonly Explanation[] };
  inspect: { data: InspectData; about: Covered };
  'inspect.at': { data: AtTime; about: OfDeployment };
  'inspect.tree': { data: TreeNode; about: TreeShown };
  log: { data: readonly LoggedAction[]; about: Listed<ActionQuery> };
  'outbox.list': { data: readonly StuckEntry[]; about: Listed<StuckQuery> };
  'outbox.list.foreign': { data: readonly ForeignRow[]; about: ForeignListed };
  'outbox.repair': { data: ApplyReport };
  'outbox.repair.plan': { data: Plan };
  'outbox.show': { data: EntryData; about: OfDeployment };
  'outbox.show.foreign': { data: ForeignRowData; about: ForeignShown };
  'plan.show': { data: Plan; about: PlanShown };
  'profile.init': { data: ProfileWritten };
  'profile.list': { data: readonly ProfileSummary[] };
  'profile.show': { data: WrittenProfile | ResolvedProfile };
  'profile.validate': { data: ValidProfile };
  restore: { data: ApplyReport };
  'restore.plan': { data: Plan };
  schema: { data: Readonly<Record<string, unknown>> };
  'schema.list': { data: readonly string[] };
  status: { data: StatusData; about: Covered & { readonly query: StatusQuery } };
  'token.list': { data: readonly TokenData[]; about: ListedTokens };
  'token.lost': { data: readonly LostToken[]; about: Covered };
  'token.restore': { data: ApplyReport };
  'token.restore.plan': { data: Plan };
  'token.sweep': { data: ApplyReport };
  'token.sweep.plan': { data: Plan };
  undo: { data: ApplyReport };
  'undo.plan': { data: Plan };
  verify: { data: readonly VerifyRow[] };
  'verify.replay': { data: SimulatedReplay | RealReplay };
  version: { data: VersionInformation };
  worker: { data: WorkerData };
}

/** NDJSON, an event a line, by the command with dots. `error` is every stream's, and not told here. */
export interface Streams {
  'bench.run': {
    snapshot: BenchSnapshot;
    change: BenchStart | BenchPhaseChange | BenchFault;
    warning: BenchWarning;
    summary: BenchResult;
  };
  /** `inspect --follow`. */
  inspect: { snapshot: InspectData; summary: InspectData };
  /** `status --watch`. */
  status: { snapshot: StatusData; warning: StaleStatus; summary: StatusData };
}

/** Files that are written and read again, each with a `schema` of its own. */
export interface Files {
  'bench.result': BenchResult;
  plan: Plan;
}

/** Commands that plan and apply: with `--dry-run` or `--plan` they print `<name>.plan`. */
export type PlanningName = {
  [Name in keyof Documents]: Name extends `${infer Command}.plan` ? Command : never;
}[keyof Documents];

type AboutOf<Name extends keyof Documents> = Documents[Name] extends { about: infer About }
  ? { readonly about: About }
  : { readonly about?: never };

/** A result whose JSON document is as its schema says. */
export type ResultOf<Name extends keyof Documents> = Omit<
  CommandResult,
  'name' | 'data' | 'about'
> & { readonly name: Name; readonly data: Documents[Name]['data'] } & AboutOf<Name>;
