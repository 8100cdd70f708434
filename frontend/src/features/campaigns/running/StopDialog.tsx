/** Stops a campaign for good: what becomes of the calls that run is asked. */
import { Modal, Radio, Stack, Text } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { useAccept } from '../data'
import type { Campaign } from '../shared/types'
import { stopCampaign } from './data'

interface DialogProps {
  campaign: Campaign
  opened: boolean
  onClose: () => void
}

const CHOICES = ['finish', 'hang_up'] as const

export function StopDialog({ campaign, opened, onClose }: DialogProps) {
  const { t } = useTranslation('campaigns')
  const accept = useAccept()
  const [choice, choose] = useState<(typeof CHOICES)[number]>('finish')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      accept(await stopCampaign(campaign.id, choice))
      done(t('run.did.stop', { name: campaign.name }))
      onClose()
    } catch (error) {
      setProblem(asProblem(error).detail)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal opened={opened} onClose={onClose} title={t('run.stopTitle', { name: campaign.name })}>
      <form onSubmit={(event) => void send(event)}>
        <Stack>
          <Text size="sm">{t('run.stopText')}</Text>
          <Radio.Group
            label={t('run.runningCalls')}
            value={choice}
            onChange={(value) => choose(value as typeof choice)}
          >
            <Stack gap="xs" mt="xs">
              {CHOICES.map((value) => (
                <Radio key={value} value={value} label={t(`run.calls.${value}`)} />
              ))}
            </Stack>
          </Radio.Group>
          <FormProblem text={problem} />
          <FormButtons
            label={t('run.stopNow')}
            busy={busy}
            cancel={{ label: t('cancel'), onClick: onClose }}
          />
        </Stack>
      </form>
    </Modal>
  )
}
