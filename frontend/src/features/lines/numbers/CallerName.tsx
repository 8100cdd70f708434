/** The name that phones show for calls from a number, kept in the carrier's register. */
import { Badge, Button, Group, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { done } from '@/components/forms'
import { type PhoneNumber, useRefresh } from '../data'

const COLORS = { pending: 'amber', active: 'petrol', failed: 'red' } as const

export function CallerName({ number }: { number: PhoneNumber }) {
  const { t } = useTranslation(['lines', 'common'])
  const refresh = useRefresh()
  const [name, setName] = useState(number.caller_name)
  const [state, setState] = useState(number.caller_name_state)
  const [problem, setProblem] = useState(number.caller_name_problem)
  const save = $api.useMutation('put', '/api/v1/numbers/{id}/caller-name', {
    onSuccess: (changed) => {
      setState(changed.caller_name_state)
      setProblem(changed.caller_name_problem)
      refresh()
      done(t('common:saved'))
    },
    onError: (error: unknown) => {
      const { errors, detail } = asProblem(error)
      setProblem(errors[0]?.detail ?? detail)
    },
  })
  return (
    <div>
      <Group align="flex-end" gap="xs">
        <TextInput
          flex={1}
          label={t('callerName')}
          description={t('callerNameHelp')}
          maxLength={15}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={problem || null}
        />
        <Button
          variant="default"
          loading={save.isPending}
          onClick={() =>
            save.mutate({ params: { path: { id: number.id } }, body: { caller_name: name.trim() } })
          }
        >
          {t('common:save')}
        </Button>
      </Group>
      {state && (
        <Group gap="xs" mt={4}>
          <Badge color={COLORS[state]}>{t(`callerNameState.${state}`)}</Badge>
          <Text size="xs" c="dimmed">
            {number.caller_name}
          </Text>
        </Group>
      )}
    </div>
  )
}
