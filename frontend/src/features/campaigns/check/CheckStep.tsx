/** What stands in the way, what would come of it, and the start. */
import { Alert, Anchor, Button, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconPlayerPlay } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormProblem } from '@/components/forms'
import { count, money } from '@/components/format'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { TopUpLink } from '@/components/TopUpLink'
import { startCampaign, useAccept, usePreflight } from '../data'
import { PlacesWeek } from '../shared/PlacesWeek'
import type { Campaign, Estimate, Preflight, Refusal } from '../shared/types'
import { stepOf } from '../setup/steps'
import type { Setup } from '../setup/useSetup'
import classes from '../setup/setup.module.css'

export function CheckStep({ campaign, setup }: { campaign: Campaign; setup: Setup }) {
  const preflight = usePreflight(campaign.id)
  return (
    <Loaded query={preflight} rows={6}>
      {(found) => <Checked campaign={campaign} setup={setup} found={found} />}
    </Loaded>
  )
}

interface CheckedProps {
  campaign: Campaign
  setup: Setup
  found: Preflight
}

function Checked({ campaign, setup, found }: CheckedProps) {
  const { t } = useTranslation('campaigns')
  return (
    <>
      <Section title={t('check.title')} text={t('check.text')}>
        {found.refusals.length > 0 ? (
          <Refusals campaign={campaign} refusals={found.refusals} />
        ) : (
          <Alert color="petrol" icon={<IconCheck size={18} />} role="status">
            {t('check.ready')}
          </Alert>
        )}
      </Section>
      <Section title={t('check.callees')} text={t('check.calleesText')}>
        <PlacesWeek places={found.places} grid={found.grid} />
      </Section>
      <Section title={t('check.estimate')} text={t('check.estimateText')}>
        <Stack gap="lg">
          {found.estimate && <Figures campaign={campaign} estimate={found.estimate} />}
          <Start campaign={campaign} setup={setup} ready={found.can_start} />
        </Stack>
      </Section>
    </>
  )
}

/** Each reason, with the way to the step that mends it. */
function Refusals({ campaign, refusals }: { campaign: Campaign; refusals: readonly Refusal[] }) {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle size={18} />}
      title={t('check.refused', { count: refusals.length })}
    >
      <List size="sm" spacing="xs">
        {refusals.map(({ code, detail, field }) => {
          const step = stepOf(field)
          return (
            <List.Item key={`${code} ${field} ${detail}`}>
              {detail}{' '}
              {step && (
                <Anchor
                  component={Link}
                  to={path(`campaigns/${campaign.id}/setup`)}
                  search={{ step } as never}
                  inherit
                  c="inherit"
                >
                  {t('check.mend', { step: t(`step.${step}`) })}
                </Anchor>
              )}
              {code === 'no_money' && <TopUpLink />}
              {code === 'unpublished' && (
                <>
                  {' · '}
                  <Anchor component={Link} to={path(`agents/${campaign.agent}`)} inherit c="inherit">
                    {t('agentStep.toAgent')}
                  </Anchor>
                </>
              )}
            </List.Item>
          )
        })}
      </List>
    </Alert>
  )
}

function Figures({ campaign, estimate }: { campaign: Campaign; estimate: Estimate }) {
  const { t } = useTranslation('campaigns')
  const figures = [
    [t('check.contacts'), count(campaign.progress.contacts)],
    [t('check.calls'), count(estimate.calls)],
    [t('check.cost'), money(estimate.cost_micros, estimate.currency || 'USD')],
    [
      t('check.finish'),
      estimate.finish_at ? dayjs(estimate.finish_at).format('ddd D MMM, HH:mm') : t('check.unknown'),
    ],
  ] as const
  return (
    <dl className={classes.figures}>
      {figures.map(([label, figure]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  )
}

function Start({ campaign, setup, ready }: { campaign: Campaign; setup: Setup; ready: boolean }) {
  const { t } = useTranslation('campaigns')
  const { may } = useTenant()
  const queries = useQueryClient()
  const accept = useAccept()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const start = async () => {
    setBusy(true)
    setProblem(null)
    try {
      if (!(await setup.save())) return
      // The wizard gives way to the page of the running campaign by itself.
      accept(await startCampaign(campaign.id))
      done(t('check.started', { name: campaign.name }))
    } catch (error) {
      const { errors, detail } = asProblem(error)
      setProblem(errors.map((fault) => fault.detail).join(' ') || detail)
      void queries.invalidateQueries({ queryKey: ['preflight', campaign.id] })
    } finally {
      setBusy(false)
    }
  }
  if (!may('campaigns.run')) return <Text size="sm">{t('check.mayNot')}</Text>
  return (
    <Stack gap="sm" align="flex-start">
      <FormProblem text={problem} />
      <Button
        leftSection={<IconPlayerPlay size={16} />}
        disabled={!ready}
        loading={busy}
        onClick={() => void start()}
      >
        {t('check.start')}
      </Button>
      {!ready && (
        <Text size="sm" c="dimmed">
          {t('check.notReady')}
        </Text>
      )}
    </Stack>
  )
}
