/** Somebody else saved the agent meanwhile: shows what differs and lets people choose. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { exactTime } from '@/components/format'
import { fromForm } from '../config/convert'
import { diff } from '../config/diff'
import { DiffView } from '../versions/DiffView'
import { configOf } from './data'
import type { Draft } from './useDraft'

export function TheirsModal({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const { theirs, form } = draft
  if (!theirs) return null
  return (
    <Modal opened onClose={draft.dismissTheirs} title={t('theirsTitle')} size="xl">
      <Stack>
        <Text size="sm">
          {t('theirsText', { who: theirs.by || t('somebody'), at: exactTime(theirs.agent.updated_at) })}
        </Text>
        <DiffView
          changes={diff(
            { name: theirs.agent.name, ...configOf(theirs.agent) },
            { name: form.values.name, ...fromForm(form.values.config) },
          )}
          beforeLabel={t('theirs')}
          afterLabel={t('mine')}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={draft.dismissTheirs}>
            {t('decideLater')}
          </Button>
          <Button variant="default" onClick={() => draft.load(theirs)}>
            {t('loadTheirs')}
          </Button>
          <Button loading={draft.busy} onClick={() => void draft.save(theirs.etag)}>
            {t('keepMine')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
