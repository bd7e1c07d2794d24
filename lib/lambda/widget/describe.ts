/** The description that CloudWatch shows when the widget is added to a dashboard. */
export const description = `## Baton
Shows who sequences a chain, since when and why, how each node is doing, which operations are under way, which nodes are in quarantine, who committed the newest sixty blocks and which slots were missed, and what was decided lately: the page of \`baton start\`, with the timeline and the moves from the history and the archive.

### Parameters
| name | meaning |
|---|---|
| \`chain\` | the chain id; the first chain of this Baton if left out |
| \`buttons\` | \`false\` leaves the buttons out; for dashboards that are shared |

### Example
\`\`\` yaml
chain: 901
buttons: true
\`\`\`

The buttons call another function, so that IAM decides who may press them. Each asks first, and does nothing if the term has changed since the page was drawn.`
