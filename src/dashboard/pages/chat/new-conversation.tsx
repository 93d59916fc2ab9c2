/** A conversation that is not begun: with whom, and the first message. */
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { InlineChoice } from '../../ui/choice.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { Composer } from './composer.tsx'
import { beginConversation } from './conversations.ts'
import { newSessionKey } from './session-name.ts'

export function NewConversation() {
  const agents = useOperation('agents.list', {})
  const [{ agent: asked }] = useAddress()
  const [chosen, setChosen] = useState(asked ?? null)
  const maySend = useMay('chat.send')
  const navigate = useNavigate()
  return (
    <Answer
      query={agents}
      what="Reading agents"
      empty={({ agents: all }) =>
        all.length === 0 ? (
          <Nothing title="There is no agent yet" description="Create one under “Agents”." />
        ) : null
      }
    >
      {({ agents: all }) => {
        const agent = all.find(({ id }) => id === chosen) ?? all[0]
        if (!agent) return null
        const send = (text: string) => {
          const sessionKey = newSessionKey(agent.id)
          beginConversation(sessionKey, text)
          void navigate({ to: '/chat/$sessionKey', params: { sessionKey } })
        }
        return (
          <div className="flex min-h-0 flex-1 flex-col gap-2">
            <div className="mx-auto flex w-full max-w-3xl flex-1 flex-col justify-center gap-4 px-4">
              <h2 className="text-xl font-semibold">What shall the agent do?</h2>
              <InlineChoice
                label="Agent"
                value={agent.id}
                options={all.map(({ id, name }) => [id, name] as const)}
                onChange={setChosen}
              />
              <p className="text-sm text-kumo-subtle">
                Model: <span className="as-written">{`${agent.provider}/${agent.model}`}</span>
              </p>
            </div>
            <Composer
              place="new"
              agent={agent.id}
              isRunning={false}
              onSend={send}
              onStop={() => undefined}
              closedBecause={maySend ? null : 'Your role may read conversations, not begin them'}
            />
          </div>
        )
      }}
    </Answer>
  )
}
