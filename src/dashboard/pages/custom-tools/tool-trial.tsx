/** Makes the request once with arguments of one's own; of a command only the gate's word is asked. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { type FormEvent, useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { Card, Section } from '../../ui/page.tsx'
import { NotDone } from '../../ui/states.tsx'
import { Written } from '../../ui/written.tsx'
import { exampleOf } from './example.ts'
import { JsonAreaField } from './json-area-field.tsx'
import { objectIn, type Tool } from './tool.ts'

export function ToolTrial({ tool: { id, kind, parameters } }: { readonly tool: Tool }) {
  const mayTest = useMay('tools.custom.test')
  const test = useChange('tools.custom.test')
  const [fault, setFault] = useState<unknown>(null)
  if (!mayTest) return null
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setFault(null)
    test.reset()
    try {
      const written = String(new FormData(event.currentTarget).get('arguments') ?? '')
      test.mutate({ id, arguments: objectIn(written, 'Arguments') })
    } catch (error) {
      setFault(error)
    }
  }
  return (
    <Section title="Trial">
      <Card>
        <form onSubmit={submit} className="flex flex-col gap-3">
          <JsonAreaField
            name="arguments"
            label="Arguments as JSON"
            rows={4}
            defaultValue={JSON.stringify(exampleOf(parameters), null, 2)}
            description={
              kind === 'http'
                ? 'The request is made for real, once.'
                : 'Nothing is run: you are told what the gate says of the command.'
            }
          />
          <NotDone error={fault ?? test.error} />
          <div>
            <Button type="submit" loading={test.isPending}>
              {kind === 'http' ? 'Make the request' : 'Ask the gate'}
            </Button>
          </div>
          {test.data !== undefined && (
            <div role="status" aria-label="What came back" className="flex flex-col gap-2">
              <div>
                {test.data.is_error ? (
                  <Badge variant="error">an error</Badge>
                ) : (
                  <Badge variant="success">an answer</Badge>
                )}
              </div>
              <Written value={test.data.content} isWrapped />
            </div>
          )}
        </form>
      </Card>
    </Section>
  )
}
