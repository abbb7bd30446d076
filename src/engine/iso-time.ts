/** A moment for programs, and for people of another time zone: ISO-8601 in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
