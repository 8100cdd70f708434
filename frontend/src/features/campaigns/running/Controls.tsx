/** What can be done with a campaign, as far as its state and one's role allow. */
import { Button, Menu } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconAdjustments,
  IconArchive,
  IconCopy,
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
} from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { useAccept } from '../data'
import type { Campaign } from '../shared/types'
import { CloneDialog } from './CloneDialog'
import { archiveCampaign, order, type Order } from './data'
import { Limits } from './Limits'
import { StopDialog } from './StopDialog'

const OVER = ['stopped', 'completed']

export function Controls({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const { may } = useTenant()
  const [stopping, stop] = useDisclosure()
  const [limiting, limits] = useDisclosure()
  const { state } = campaign
  const live = state === 'running' || state === 'paused'
  return (
    <>
      {may('campaigns.run') && <Main campaign={campaign} />}
      {may('campaigns.run') && live && (
        <Button variant="default" color="red" leftSection={<IconPlayerStop size={16} />} onClick={stop.open}>
          {t('run.stop')}
        </Button>
      )}
      {may('campaigns.write') && live && (
        <Button variant="default" leftSection={<IconAdjustments size={16} />} onClick={limits.open}>
          {t('run.limits')}
        </Button>
      )}
      <More campaign={campaign} />
      <StopDialog campaign={campaign} opened={stopping} onClose={stop.close} />
      <Limits campaign={campaign} opened={limiting} onClose={limits.close} />
    </>
  )
}

/** The one thing that the state invites to. */
function Main({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const accept = useAccept()
  const [busy, setBusy] = useState(false)
  const { id, name, state, progress } = campaign
  const again = state === 'completed' && progress.waiting > 0
  const what: Exclude<Order, 'stop'> | null =
    state === 'running' ? 'pause' : state === 'paused' ? 'resume' : again ? 'start' : null
  if (!what) return null
  const send = async () => {
    setBusy(true)
    try {
      accept(await order(id, what))
      done(t(`run.did.${what}`, { name }))
    } catch (error) {
      // A start that is refused names every reason.
      const { errors, detail, status, code } = asProblem(error)
      const reasons = errors.map((fault) => fault.detail).join(' ')
      failed(new Error(reasons || detail || `${status} ${code}`))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button
      variant={what === 'pause' ? 'default' : 'filled'}
      leftSection={what === 'pause' ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
      loading={busy}
      onClick={() => void send()}
    >
      {t(`run.${what}`)}
    </Button>
  )
}

function More({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const { may, path } = useTenant()
  const navigate = useNavigate()
  const accept = useAccept()
  const [cloning, clone] = useDisclosure()
  const { id, name, state } = campaign
  const archive = async () => {
    try {
      await archiveCampaign(id)
      done(t('run.archived', { name }))
      accept(campaign)
      void navigate({ to: path('campaigns') })
    } catch (error) {
      failed(error)
    }
  }
  const ask = () =>
    confirmDanger({
      title: t('run.archiveTitle', { name }),
      text: t('run.archiveText'),
      confirm: t('run.archive'),
      cancel: t('cancel'),
      onConfirm: () => void archive(),
    })
  if (!may('campaigns.write')) return null
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDots size={16} />}>
            {t('run.more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={clone.open}>
            {t('run.clone')}
          </Menu.Item>
          {(state === 'draft' || OVER.includes(state)) && (
            <Menu.Item
              color="var(--mantine-color-error)"
              leftSection={<IconArchive size={16} />}
              onClick={ask}
            >
              {t('run.archive')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <CloneDialog campaign={campaign} opened={cloning} onClose={clone.close} />
    </>
  )
}
