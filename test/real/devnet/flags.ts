/** A program's options by name: true stands alone, a list is joined by commas, undefined is left out. */
export type Flags = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** The options as a command line. */
export function commandLine(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    if (value === undefined) return []
    return value === true ? `--${name}` : `--${name}=${Array.isArray(value) ? value.join(',') : value}`
  })
}
