import { Stack, Token } from 'aws-cdk-lib'
import type { Construct } from 'constructs'

/** The pages of the AWS console that Baton links to, in the region of a construct's stack. */
export type ConsolePages = {
  readonly dashboard: (name: string) => string
  /** What a document is for: its description. */
  readonly document: (name: string) => string
  /** The form that starts an Automation document. */
  readonly execute: (document: string) => string
  readonly logGroup: (name: string) => string
  /** An execution of a state machine, by its ARN. */
  readonly execution: (arn: string) => string
}

/**
 * Console URLs. A stack without a region of its own could be deployed to any partition: its links lead to the console
 * of the commercial one.
 */
export function consolePages(scope: Construct): ConsolePages {
  const { region } = Stack.of(scope)
  const base = `https://${hostOf(region)}`
  return {
    dashboard: (name) => `${base}/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`,
    document: (name) => `${base}/systems-manager/documents/${name}/description?region=${region}`,
    execute: (document) => `${base}/systems-manager/automation/execute/${document}?region=${region}`,
    execution: (arn) => `${base}/states/home?region=${region}#/v2/executions/details/${arn}`,
    logGroup: (name) => `${base}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${name}`,
  }
}

function hostOf(region: string): string {
  if (Token.isUnresolved(region)) return 'console.aws.amazon.com'
  if (region.startsWith('cn-')) return 'console.amazonaws.cn'
  return region.startsWith('us-gov-') ? 'console.amazonaws-us-gov.com' : 'console.aws.amazon.com'
}
