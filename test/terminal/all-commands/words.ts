/** Command lines as help and tests write them. */

/** Words of a line; quotes keep one together. */
export function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}

/** An example of a command's help, without the shell around it: `eval "$(...)"`, `> file`. */
export function exampleLine(example: string): string {
  return example
    .replace(/^eval "\$\((.*)\)"$/, '$1')
    .replace('<%= config.bin %> ', '')
    .replace(/ > \S+$/, '');
}

/** `{stuck}` is replaced by the value of that name. */
export function filled(line: string, values: Readonly<Record<string, string>>): string {
  return line.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
