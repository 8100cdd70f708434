/** The limits of a campaign, changed while it runs: the next decision to dial obeys them. */
import { Alert, Button, Drawer, Group, Stack, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem, showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { Loaded } from '@/components/states'
import { changeCampaign, useAccept } from '../data'
import { DialingStep } from '../dialing/DialingStep'
import { HoursStep } from '../hours/HoursStep'
import { changesOf, faultsOf } from '../setup/changes'
import { SetupProvider, useNewSetupForm } from '../setup/form'
import type { Campaign } from '../shared/types'
import { readTagged } from './data'

interface LimitsProps {
  campaign: Campaign
  opened: boolean
  onClose: () => void
}

export function Limits({ campaign, opened, onClose }: LimitsProps) {
  const { t } = useTranslation('campaigns')
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="min(960px, 100%)"
      title={t('run.limitsTitle', { name: campaign.name })}
    >
      <Read id={campaign.id} onClose={onClose} />
    </Drawer>
  )
}

/** What is stored now, not what the page was loaded with. */
function Read({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery({
    queryKey: ['limits', id],
    queryFn: () => readTagged(id),
    gcTime: 0,
    staleTime: Infinity,
  })
  return (
    <Loaded query={query} rows={6}>
      {(read) => (
        <LimitsForm key={read.etag} read={read} again={() => void query.refetch()} onClose={onClose} />
      )}
    </Loaded>
  )
}

interface FormProps {
  read: Awaited<ReturnType<typeof readTagged>>
  again: () => void
  onClose: () => void
}

function LimitsForm({ read: { campaign, etag }, again, onClose }: FormProps) {
  const { t } = useTranslation('campaigns')
  const accept = useAccept()
  const stored = { name: campaign.name, agent: campaign.agent, config: campaign.config }
  const form = useNewSetupForm({ mode: 'controlled', initialValues: stored })
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [conflict, setConflict] = useState(false)
  const changes = changesOf(stored, form.values)

  const save = async (tag = etag) => {
    const faults = faultsOf(form.values, {
      required: t('fault.required'),
      windowDays: t('fault.windowDays'),
      windowOrder: t('fault.windowOrder'),
    })
    form.setErrors(faults)
    setProblem(Object.keys(faults).length > 0 ? t('run.mendFirst') : null)
    if (!changes || Object.keys(faults).length > 0) return
    setBusy(true)
    try {
      accept(await changeCampaign(campaign.id, changes, tag))
      done(t('run.limitsSaved'))
      onClose()
    } catch (error) {
      if (asProblem(error).status === 412) setConflict(true)
      else setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void save()
  }
  return (
    <SetupProvider form={form}>
      <form noValidate onSubmit={submit}>
        <Stack>
          <Text size="sm" c="dimmed">
            {t('run.limitsText')}
          </Text>
          <Tabs defaultValue="dialing" keepMounted>
            <Tabs.List mb="md">
              <Tabs.Tab value="dialing">{t('step.dialing')}</Tabs.Tab>
              <Tabs.Tab value="hours">{t('step.hours')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="dialing">
              <DialingStep campaign={campaign.id} />
            </Tabs.Panel>
            <Tabs.Panel value="hours">
              <HoursStep campaign={campaign.id} />
            </Tabs.Panel>
          </Tabs>
          {conflict && <Conflict again={again} overwrite={() => void save('')} />}
          <FormProblem text={problem} />
          <FormButtons
            label={t('run.saveLimits')}
            busy={busy}
            disabled={!changes}
            cancel={{ label: t('cancel'), onClick: onClose }}
          />
        </Stack>
      </form>
    </SetupProvider>
  )
}

/** Somebody else has changed the campaign since it was read. */
function Conflict({ again, overwrite }: { again: () => void; overwrite: () => void }) {
  const { t } = useTranslation('campaigns')
  return (
    <Alert color="amber" title={t('run.conflictTitle')} role="alert">
      <Stack gap="sm">
        <Text size="sm">{t('run.conflictText')}</Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={again}>
            {t('run.readAgain')}
          </Button>
          <Button size="xs" variant="default" onClick={overwrite}>
            {t('run.overwrite')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
