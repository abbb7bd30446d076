/** The verifier: explores what the world may do to the protocol programs that production runs. */
export type { Found, Progress } from './explore.js';
export type { Violation } from './history.js';
export type { Move } from './moves.js';
export { mutants } from './mutants/index.js';
export { readTrace } from './read-trace.js';
export { type ReplayedSteps, replaySteps } from './replay.js';
export type { Bounds, StoreModels } from './scenario.js';
export { type Standing, scheduleTo } from './schedule-to.js';
export { scenarioFor, type TraceFile, traceFileOf } from './trace-file.js';
export { type Verified, verifyMutant, verifyProtocol, type Walks } from './verify.js';
export type { View } from './view.js';
export { writeTrace } from './write-trace.js';
