import type { AwsRig } from './rig.ts'

/** A line of a function's log: the function, when (Unix ms), and what it says. */
export type Line = { readonly function: string; readonly at: number; readonly message: string }

/** Every line the functions have written so far. */
export async function readLogs({ client }: AwsRig): Promise<Line[]> {
  type Groups = { logGroups: { logGroupName: string }[] }
  const { logGroups } = await client.json<Groups>('logs', 'Logs_20140328.DescribeLogGroups', {})
  const lines: Line[] = []
  for (const { logGroupName } of logGroups) {
    const [, name] = /Baton([A-Za-z]+?)FunctionLogs/.exec(logGroupName) ?? []
    if (name === undefined) continue
    let nextToken: string | undefined
    do {
      type Page = { events: { timestamp: number; message: string }[]; nextToken?: string }
      const input = { logGroupName, ...(nextToken !== undefined && { nextToken }) }
      const page = await client.json<Page>('logs', 'Logs_20140328.FilterLogEvents', input)
      lines.push(...page.events.map(({ timestamp: at, message }) => ({ function: name, at, message })))
      nextToken = page.events.length > 0 ? page.nextToken : undefined
    } while (nextToken !== undefined)
  }
  return lines
}

/** A metric as a function emitted it: the function, its name, and its dimensions with their values. */
export type Emitted = {
  readonly function: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
}

/** The metrics in lines of the embedded metric format, which CloudWatch makes metrics of; the emulator does not. */
export function readMetrics(lines: readonly Line[]): Emitted[] {
  return lines.flatMap(({ function: source, message }) => {
    if (!message.includes('"_aws"')) return []
    const line = JSON.parse(message.slice(message.indexOf('{'))) as Record<string, unknown> & { _aws: Directives }
    return line._aws.CloudWatchMetrics.filter(({ Namespace }) => Namespace === 'Baton').flatMap(
      ({ Dimensions, Metrics }) =>
        Dimensions.flatMap((names) =>
          Metrics.map(({ Name: name }) => ({
            function: source,
            name,
            dimensions: Object.fromEntries(names.map((each) => [each, String(line[each])])),
          })),
        ),
    )
  })
}

type Directives = {
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string
    readonly Dimensions: readonly (readonly string[])[]
    readonly Metrics: readonly { readonly Name: string }[]
  }[]
}
