/** The first steps: an agent, a conversation, a number, a call. */
import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Failed, Loading } from '@/components/states'
import { AgentStep } from './AgentStep'
import { CallStep } from './CallStep'
import { NumberStep } from './NumberStep'
import { canOpen, doneSteps, type Facts, nextStep, type Step, STEPS } from './progress'
import { StepBox } from './StepBox'
import { TalkStep } from './TalkStep'
import { useProgress } from './useProgress'

export function StartPage() {
  const { t } = useTranslation('start')
  const { t: common } = useTranslation('common')
  const { may } = useTenant()
  const { facts, refresh, problem } = useProgress()
  if (!may('agents.write'))
    return (
      <Page title={t('title')}>
        <Alert title={common('notAllowedTitle')}>
          {common('notAllowedText', { permission: 'agents.write' })}
        </Alert>
      </Page>
    )
  return (
    <Page title={t('title')} lead={t('lead')}>
      {facts ? (
        <Steps facts={facts} refresh={refresh} />
      ) : problem ? (
        <Failed error={problem} retry={() => void refresh()} />
      ) : (
        <Loading rows={6} />
      )}
    </Page>
  )
}

interface StepsProps {
  facts: Facts
  refresh: () => Promise<unknown>
}

function Steps({ facts, refresh }: StepsProps) {
  const { t } = useTranslation('start')
  const done = doneSteps(facts)
  const [skipped, setSkipped] = useState<ReadonlySet<Step>>(new Set())
  // What was opened by hand stays open; otherwise the next step is.
  const [chosen, setChosen] = useState<Step | null>(null)
  const open = chosen ?? nextStep(done, skipped)
  const count = STEPS.filter((step) => done[step]).length

  const goOn = useCallback(
    async (step: Step) => {
      await refresh()
      setSkipped((before) => new Set(before).add(step))
      setChosen(null)
    },
    [refresh],
  )
  /** What has just been done is still being looked at. */
  const stay = (step: Step) => {
    setChosen(step)
    void refresh()
  }
  const body = (step: Step) => {
    const proceed = () => void goOn(step)
    if (step === 'agent') return <AgentStep agent={facts.agent} onDone={proceed} />
    if (!facts.agent) return null
    if (step === 'talk')
      return <TalkStep agent={facts.agent} done={done.talk} onTalked={() => stay('talk')} onDone={proceed} />
    if (step === 'number') return <NumberStep agent={facts.agent} numbers={facts.numbers} onDone={proceed} />
    return <CallStep agent={facts.agent} numbers={facts.numbers} onCalled={() => stay('call')} />
  }
  return (
    <Stack gap="lg" maw={820}>
      <Group gap="sm" wrap="nowrap">
        <Progress
          value={(100 * count) / STEPS.length}
          size="sm"
          flex={1}
          aria-label={t('progress', { count, of: STEPS.length })}
        />
        <Text size="sm" c="dimmed">
          {t('progress', { count, of: STEPS.length })}
        </Text>
      </Group>
      {count === STEPS.length && <AllDone />}
      <Stack component="ol" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
        {STEPS.map((step, i) => (
          <StepBox
            key={step}
            number={i + 1}
            step={step}
            done={done[step]}
            open={open === step}
            enabled={canOpen(step, done)}
            onToggle={() => setChosen(open === step ? null : step)}
          >
            {body(step)}
          </StepBox>
        ))}
      </Stack>
    </Stack>
  )
}

function AllDone() {
  const { t } = useTranslation('start')
  const { path } = useTenant()
  return (
    <Alert icon={<IconCircleCheck size={20} />} title={t('allDone')} role="status">
      <Stack gap="sm">
        <Text size="sm">{t('allDoneText')}</Text>
        <Group gap="xs">
          <Button component={Link} to={path()} size="xs">
            {t('toHome')}
          </Button>
          <Button component={Link} to={path('agents')} size="xs" variant="default">
            {t('toAgents')}
          </Button>
          <Button component={Link} to={path('team')} size="xs" variant="default">
            {t('toTeam')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
