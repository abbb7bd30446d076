import { memoryCapabilities, openMemory } from './memory.js';
import { conformance } from './suite.js';

conformance('the reference stores in memory', () => openMemory(), memoryCapabilities);
