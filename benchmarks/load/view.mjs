/** The live view in a process of its own, redrawing beside a load; null where it is not built. */
export function liveView(_seconds) {
  return null;
}
