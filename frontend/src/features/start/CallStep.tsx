/** Step 4: a real phone call, with its words as they are spoken. */
import { Alert, Anchor, Box, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconInfoCircle, IconPhoneOutgoing } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api } from '@/api/client'
import { useLiveCall } from '@/api/live'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { EndReason, StateBadge } from '@/components/call/badges'
import { LatencyBars } from '@/components/call/LatencyBars'
import { Transcript } from '@/components/call/Transcript'
import { FormProblem } from '@/components/forms'
import { phone } from '@/components/format'
import classes from './start.module.css'

type Schemas = components['schemas']

/** Phones of the sandbox network (docs/guides/sandbox.md) that are worth a first call. */
const PHONES = [
  ['+12025550101', 'talks'],
  ['+12025550103', 'presses'],
  ['+12025550106', 'voicemail'],
  ['+12025550107', 'busy'],
] as const

interface Props {
  agent: Schemas['Agent']
  numbers: Schemas['Number'][]
  onCalled: () => void
}

const bare = (number: string) => number.replace(/[\s().-]/g, '')

export function CallStep({ agent, numbers, onCalled }: Props) {
  const { t } = useTranslation('start')
  const [call, setCall] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const from = numbers.filter((number) => number.agent === agent.id)
  const form = useForm({
    initialValues: { from_number: from[0]?.e164 ?? '', to_number: PHONES[0][0] as string },
    validate: { to_number: (to) => (/^\+[1-9]\d{6,14}$/.test(bare(to)) ? null : t('fault')) },
  })
  const chosen = from.find(({ e164 }) => e164 === form.values.from_number)
  const sandbox = chosen?.carrier === 'sandbox'
  const place = useMutation({
    mutationFn: async ({ from_number, to_number }: typeof form.values) =>
      (
        await api.POST('/api/v1/calls', {
          body: { from_number, to_number: bare(to_number), agent: agent.id },
        })
      ).data!,
    onSuccess: ({ id }) => setCall(id),
    onError: (error) => setProblem(showProblem(form, error)),
  })
  return (
    <Stack gap="md">
      <form
        noValidate
        onSubmit={form.onSubmit((values) => {
          setProblem(null)
          setCall(null)
          place.mutate(values)
        })}
      >
        <Stack gap="sm">
          <Group align="flex-start" grow preventGrowOverflow={false}>
            <Select
              label={t('from')}
              allowDeselect={false}
              data={from.map(({ e164 }) => ({ value: e164, label: phone(e164) }))}
              {...form.getInputProps('from_number')}
            />
            {sandbox ? (
              <Select
                label={t('to')}
                allowDeselect={false}
                data={PHONES.map(([value, what]) => ({ value, label: t(`phones.${what}`) }))}
                {...form.getInputProps('to_number')}
              />
            ) : (
              <TextInput label={t('toNumber')} type="tel" {...form.getInputProps('to_number')} />
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {sandbox ? t('sandboxHelp') : t('realHelp')}
          </Text>
          <FormProblem text={problem} />
          <Group>
            <Button type="submit" loading={place.isPending} leftSection={<IconPhoneOutgoing size={16} />}>
              {t('placeCall')}
            </Button>
          </Group>
        </Stack>
      </form>
      {call && <Watch key={call} id={call} onEnded={onCalled} />}
    </Stack>
  )
}

/** The call as it happens. */
function Watch({ id, onEnded }: { id: string; onEnded: () => void }) {
  const { t } = useTranslation('start')
  const { path } = useTenant()
  const { state, events, partials, status } = useLiveCall(id)
  const turns = events.flatMap(({ event }) => (event.type === 'turn' ? [event] : []))
  const end = events.find(({ event }) => event.type === 'ended')?.event
  const ended = state === 'ended'
  const detail = $api.useQuery('get', '/api/v1/calls/{id}', { params: { path: { id } } }, { enabled: ended })
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [turns.length, partials.agent, partials.caller])
  const tell = useEffectEvent(onEnded)
  useEffect(() => {
    if (ended) tell()
  }, [ended])
  const slowest = Math.max(1, ...turns.map((turn) => turn.latency?.total ?? 0))
  return (
    <Stack gap="sm" component="section" aria-label={t('theCall')}>
      <Group gap="sm" role="status">
        <StateBadge state={state ?? 'queued'} />
        {end?.type === 'ended' && <EndReason reason={end.reason} words={detail.data?.end_words} />}
        <Anchor component={Link} to={path(`calls/${id}`)} size="sm">
          {ended ? t('toCall') : t('watchCall')}
        </Anchor>
      </Group>
      {status !== 'open' && !ended && (
        <Alert color="amber" icon={<IconInfoCircle size={18} />}>
          {t('connecting')}
        </Alert>
      )}
      <Box
        ref={box}
        className={classes.words}
        data-scrolls
        tabIndex={0}
        role="region"
        aria-label={t('theCall')}
      >
        <Transcript
          live={!ended}
          turns={turns}
          partials={[
            { speaker: 'caller', text: partials.caller },
            { speaker: 'agent', text: partials.agent },
          ]}
          detail={(turn) => <LatencyBars latency={turn.latency} scaleMs={slowest} numbers={false} />}
        />
      </Box>
    </Stack>
  )
}
