import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CfnDocument } from 'aws-cdk-lib/aws-ssm'
import { Construct } from 'constructs'
import { consolePages } from './console.ts'
import { createDocument } from './ssm-document.ts'

export type RunbooksProps = {
  /** Prefix of the document's name: `Baton-prod` makes `Baton-prod-Runbooks`. */
  readonly prefix: string
}

/**
 * docs/runbooks.md in the Systems Manager console: the description of a document, which the console renders. An alarm
 * can link there from any account, without a copy of the repository, a charge or a dashboard.
 */
export class Runbooks extends Construct {
  readonly document: CfnDocument
  /** The page in the console. */
  readonly url: string

  constructor(scope: Construct, id: string, { prefix }: RunbooksProps) {
    super(scope, id)
    const name = `${prefix}-Runbooks`
    this.document = createDocument(this, 'Document', {
      name,
      content: runbooksDocument(readFileSync(find(import.meta.dirname), 'utf8')),
      documentType: 'Automation',
    })
    this.url = consolePages(this).document(name)
  }
}

/** The runbooks of the package, which is built one folder deeper than it is written. */
function find(folder: string): string {
  const file = join(folder, 'docs/runbooks.md')
  const above = dirname(folder)
  return existsSync(file) || above === folder ? file : find(above)
}

/** An Automation document to read: its only step waits a second. */
export function runbooksDocument(markdown: string) {
  return {
    schemaVersion: '0.3',
    description: withoutDeadLinks(markdown),
    mainSteps: [{ name: 'Read', action: 'aws:sleep', isEnd: true, inputs: { Duration: 'PT1S' } }],
  }
}

/** Links to other files and to sections lead nowhere in the console: their text stays. */
function withoutDeadLinks(markdown: string): string {
  return markdown.replace(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, '$1')
}
