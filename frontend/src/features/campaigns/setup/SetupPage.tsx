/** The wizard over a draft: each step has its address, and what is typed is stored by itself. */
import { Alert, Button, Group, Text } from '@mantine/core'
import { IconArrowLeft, IconArrowRight, IconInfoCircle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Navigate, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { FormProblem } from '@/components/forms'
import { Page } from '@/components/Page'
import { Loaded } from '@/components/states'
import { useCampaign } from '../data'
import type { Campaign } from '../shared/types'
import { AgentStep } from '../agent/AgentStep'
import { CheckStep } from '../check/CheckStep'
import { ContactsStep } from '../audience/ContactsStep'
import { DialingStep } from '../dialing/DialingStep'
import { Conflict } from './Conflict'
import { SetupProvider } from './form'
import { HoursStep } from '../hours/HoursStep'
import { LeaveGuard } from './LeaveGuard'
import { readDraft, type Stored } from './stored'
import { StepList } from './StepList'
import { beforeOf, isStep, nextOf, type Step, stepOf } from './steps'
import { type Setup, useSetup } from './useSetup'
import classes from './setup.module.css'

export function SetupPage() {
  const { t } = useTranslation('campaigns')
  const { id = '' } = useParams({ strict: false })
  const { path } = useTenant()
  const query = useCampaign(id)
  if (query.error && asProblem(query.error).status === 404) throw query.error
  // Started, here or by somebody else: there is nothing left to set up.
  if (query.data && query.data.state !== 'draft') return <Navigate to={path(`campaigns/${id}`)} replace />
  return (
    <Page
      title={query.data?.name ?? t('campaign')}
      lead={t('setupLead')}
      back={{ to: path('campaigns'), label: t('title') }}
    >
      <Loaded query={query} rows={8}>
        {(campaign) => <Draft key={campaign.id} campaign={campaign} />}
      </Loaded>
    </Page>
  )
}

/** Read anew for each visit: what is typed is checked against it. */
function Draft({ campaign }: { campaign: Campaign }) {
  const query = useQuery({
    queryKey: ['setup', campaign.id],
    queryFn: () => readDraft(campaign.id),
    gcTime: 0,
    staleTime: Infinity,
  })
  return (
    <Loaded query={query} rows={8}>
      {(stored) => <Wizard campaign={campaign} stored={stored} />}
    </Loaded>
  )
}

function useStep(): Step {
  const { step } = useSearch({ strict: false }) as { step?: unknown }
  return isStep(step) ? step : 'agent'
}

function Wizard({ campaign, stored }: { campaign: Campaign; stored: Stored }) {
  const { t } = useTranslation('campaigns')
  const { path, may } = useTenant()
  const step = useStep()
  const setup = useSetup(stored)
  const to = path(`campaigns/${campaign.id}/setup`)
  const wrong = new Set(
    Object.keys(setup.form.errors)
      .map(stepOf)
      .filter((one) => one !== null),
  )
  if (!may('campaigns.write'))
    return (
      <Alert color="gray" icon={<IconInfoCircle size={18} />}>
        {t('mayNotWrite')}
      </Alert>
    )
  return (
    <SetupProvider form={setup.form}>
      <StepList here={step} to={to} wrong={wrong} />
      <Content step={step} campaign={campaign} setup={setup} />
      <Conflict setup={setup} />
      <FormProblem text={setup.problem} />
      <Foot step={step} to={to} setup={setup} />
      <LeaveGuard setup={setup} />
    </SetupProvider>
  )
}

function Content({ step, campaign, setup }: { step: Step; campaign: Campaign; setup: Setup }) {
  if (step === 'agent') return <AgentStep />
  if (step === 'contacts') return <ContactsStep campaign={campaign} />
  if (step === 'hours') return <HoursStep campaign={campaign.id} />
  if (step === 'dialing') return <DialingStep campaign={campaign.id} />
  return <CheckStep campaign={campaign} setup={setup} />
}

function Foot({ step, to, setup }: { step: Step; to: string; setup: Setup }) {
  const { t } = useTranslation('campaigns')
  const navigate = useNavigate()
  const before = beforeOf(step)
  const next = nextOf(step)
  const go = (there: Step) => void navigate({ to, search: { step: there } as never })
  const goOn = async () => {
    if (next && (await setup.save())) go(next)
  }
  return (
    <div className={classes.foot}>
      <Text size="sm" c="dimmed" role="status">
        {t(`saving.${setup.saving}`)}
      </Text>
      <Group gap="xs">
        {before && (
          <Button variant="default" leftSection={<IconArrowLeft size={16} />} onClick={() => go(before)}>
            {t('back')}
          </Button>
        )}
        {next && (
          <Button
            rightSection={<IconArrowRight size={16} />}
            loading={setup.saving === 'saving'}
            onClick={() => void goOn()}
          >
            {t('goOn', { step: t(`step.${next}`) })}
          </Button>
        )}
      </Group>
    </div>
  )
}
