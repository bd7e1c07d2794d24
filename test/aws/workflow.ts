import { until } from '../real/devnet/wait.ts'
import type { AwsRig } from './rig.ts'

/** How an execution ended, and the states it went through. */
export type Ended = {
  readonly status: string
  readonly error?: string
  readonly cause?: string
  readonly path: readonly string[]
}

/** Starts a workflow as the console does, and waits for its end. */
export async function runWorkflow({ client }: AwsRig, workflow: string, input: object): Promise<Ended> {
  type Machines = { stateMachines: { stateMachineArn: string; name: string }[] }
  const { stateMachines } = await client.json<Machines>('states', 'AWSStepFunctions.ListStateMachines', {})
  const machine = stateMachines.find(({ name }) => name.includes(`${workflow}StateMachine`))
  const { executionArn } = await client.json<{ executionArn: string }>('states', 'AWSStepFunctions.StartExecution', {
    stateMachineArn: machine?.stateMachineArn,
    input: JSON.stringify(input),
  })
  const ended = await until(
    `${workflow} ends`,
    async () => {
      type Described = { status: string; error?: string; cause?: string }
      const now = await client.json<Described>('states', 'AWSStepFunctions.DescribeExecution', { executionArn })
      return now.status !== 'RUNNING' && now
    },
    { within: 60_000, every: 200 },
  )
  type History = { events: { stateEnteredEventDetails?: { name: string } }[] }
  const { events } = await client.json<History>('states', 'AWSStepFunctions.GetExecutionHistory', { executionArn })
  const path = events.flatMap(({ stateEnteredEventDetails: entered }) => (entered ? [entered.name] : []))
  const { status, error, cause } = ended
  return { status, path, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) }
}
