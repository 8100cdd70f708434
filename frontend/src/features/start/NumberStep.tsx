/** Step 3: publish the agent and give it a number. */
import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { done as tell, FormProblem } from '@/components/forms'
import { Phone, phone } from '@/components/format'

type Schemas = components['schemas']

interface Props {
  agent: Schemas['Agent']
  numbers: Schemas['Number'][]
  onDone: () => void
}

export function NumberStep({ agent, numbers, onDone }: Props) {
  const { t } = useTranslation('start')
  const { path } = useTenant()
  const [problem, setProblem] = useState<string | null>(null)
  const mine = numbers.filter((number) => number.agent === agent.id)
  const free = numbers.find((number) => number.agent === null)
  const begin = useMutation({
    mutationFn: async () => {
      if (agent.published_version === null || agent.has_unpublished_changes)
        await api.POST('/api/v1/agents/{id}/publish', {
          params: { path: { id: agent.id } },
          body: { skip_suites: false, note: '' },
        })
      return mine[0] ?? (await numberFor(agent.id, free))
    },
    onSuccess: (number) => {
      tell(t('reachable', { number: phone(number.e164), name: agent.name }))
      onDone()
    },
    onError: (error) => setProblem(asProblem(error).detail),
  })
  return (
    <Stack gap="md" align="flex-start">
      {mine.length > 0 ? (
        <Group gap="sm">
          <Text size="sm">{t('hasNumbers')}</Text>
          {mine.slice(0, 3).map(({ id, e164 }) => (
            <Phone key={id} number={e164} />
          ))}
        </Group>
      ) : (
        <Text size="sm">{free ? t('takesFree', { number: phone(free.e164) }) : t('getsSandbox')}</Text>
      )}
      <FormProblem text={problem} />
      <Group>
        <Button
          loading={begin.isPending}
          onClick={() => {
            setProblem(null)
            begin.mutate()
          }}
        >
          {mine.length > 0 ? t('publish') : t('publishAndNumber')}
        </Button>
        <Anchor component={Link} to={path('trunks/new')} size="sm">
          {t('ownCarrier')}
        </Anchor>
      </Group>
    </Stack>
  )
}

/** One of the workspace's numbers that reaches nobody yet, or a new one of the sandbox. */
async function numberFor(agent: string, free: Schemas['Number'] | undefined): Promise<Schemas['Number']> {
  if (free)
    return (await api.PATCH('/api/v1/numbers/{id}', { params: { path: { id: free.id } }, body: { agent } }))
      .data!
  return (await api.POST('/api/v1/numbers', { body: { carrier: 'sandbox', agent } })).data!
}
