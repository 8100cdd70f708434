/** A new secret; the old one signs beside it for a while, so that the receiver can change in between. */
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { exactTime } from '@/components/format'
import { SecretOnce } from '@/components/Secret'
import { type Moment, useWebhooksChanged } from '../data'

/** Hours. */
const OVERLAPS = [0, 1, 24, 168] as const
type Overlap = (typeof OVERLAPS)[number]

/** A hook is asked once for each call, so that its secrets do not overlap. */
export type Signed = { endpoint: string } | { hook: Moment }

interface RotateProps {
  of: Signed
  opened: boolean
  onClose: () => void
}

export function RotateSecret({ of, opened, onClose }: RotateProps) {
  const { t } = useTranslation('webhooks')
  return (
    <Modal opened={opened} onClose={onClose} closeOnClickOutside={false} title={t('rotateTitle')} size="lg">
      <RotateForm of={of} onClose={onClose} />
    </Modal>
  )
}

interface Rotated {
  secret: string
  /** Null: it signs no longer. */
  old_expires_at: string | null
}

async function rotate(of: Signed, overlap_hours: Overlap): Promise<Rotated> {
  if ('endpoint' in of) {
    const init = { params: { path: { id: of.endpoint } }, body: { overlap_hours } }
    return (await api.POST('/api/v1/webhooks/{id}/rotate-secret', init)).data!
  }
  const params = { path: { moment: of.hook } }
  const { data } = await api.POST('/api/v1/call-hooks/{moment}/rotate-secret', { params })
  return { secret: data!.secret, old_expires_at: null }
}

function RotateForm({ of, onClose }: Omit<RotateProps, 'opened'>) {
  const { t } = useTranslation('webhooks')
  const { t: common } = useTranslation('common')
  const changed = useWebhooksChanged()
  const [overlap, setOverlap] = useState<Overlap>(24)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [made, setMade] = useState<Rotated>()
  const go = async () => {
    setBusy(true)
    setProblem(null)
    try {
      setMade(await rotate(of, overlap))
      await changed()
    } catch (error) {
      setProblem(asProblem(error).detail)
    } finally {
      setBusy(false)
    }
  }
  if (made)
    return (
      <Stack>
        <SecretOnce value={made.secret} />
        <Text size="sm">
          {made.old_expires_at
            ? t('rotateOldUntil', { at: exactTime(made.old_expires_at) })
            : t('rotateOldGone')}
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('secretCopied')}</Button>
        </Group>
      </Stack>
    )
  return (
    <Stack>
      <Text size="sm">{t('endpoint' in of ? 'rotateText' : 'rotateHookText')}</Text>
      {'endpoint' in of && (
        <Radio.Group
          label={t('rotateOld')}
          value={String(overlap)}
          onChange={(value) => setOverlap(OVERLAPS.find((hours) => String(hours) === value) ?? 24)}
        >
          <Stack gap={6} mt={6}>
            {OVERLAPS.map((hours) => (
              <Radio key={hours} value={String(hours)} label={t(`overlap.h${hours}`)} />
            ))}
          </Stack>
        </Radio.Group>
      )}
      <FormProblem text={problem} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {common('cancel')}
        </Button>
        <Button loading={busy} onClick={() => void go()}>
          {t('rotate')}
        </Button>
      </Group>
    </Stack>
  )
}
