/** What a bug report needs to know about the installation. */

export interface VersionInformation {
  readonly version: string;
  readonly node: string;
  /** Operating system and processor, `linux-x64`. */
  readonly platform: string;
}

export function versionInformation(version: string): VersionInformation {
  const { arch, platform, versions } = process;
  return { version, node: versions.node, platform: `${platform}-${arch}` };
}
