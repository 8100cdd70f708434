/** Step 2: talk to the agent. Whoever has no microphone goes on without. */
import { Button, Group, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { components } from '@/api/schema'
import { TalkPanel } from '@/components/talk/TalkPanel'

interface Props {
  agent: components['schemas']['Agent']
  done: boolean
  onTalked: () => void
  onDone: () => void
}

export function TalkStep({ agent, done, onTalked, onDone }: Props) {
  const { t } = useTranslation('start')
  return (
    <Stack gap="md" maw={560}>
      <TalkPanel agent={agent.id} source="draft" heading={false} onTalked={onTalked} />
      <Group>
        <Button variant={done ? 'filled' : 'default'} onClick={onDone}>
          {done ? t('goOn') : t('goOnWithout')}
        </Button>
      </Group>
    </Stack>
  )
}
