/** A script, node by node, or as the API's JSON. */
import { Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ScriptJson } from './ScriptJson'
import { Nodes } from './Nodes'
import { Slots } from './Slots'

type View = 'nodes' | 'slots' | 'json'

export function ScriptEditor() {
  const { t } = useTranslation('agents')
  const [view, setView] = useState<View>('nodes')
  // JSON that cannot be read would be lost by leaving it.
  const [held, setHeld] = useState(false)
  return (
    <Stack gap="md">
      <Group gap="sm">
        <SegmentedControl
          aria-label={t('scriptView')}
          value={view}
          onChange={(value) => setView(value as View)}
          disabled={held}
          data={[
            { value: 'nodes', label: t('dialogue') },
            { value: 'slots', label: t('slots') },
            { value: 'json', label: t('json') },
          ]}
        />
        {held && (
          <Text size="sm" c="dimmed">
            {t('jsonHeld')}
          </Text>
        )}
      </Group>
      {view === 'nodes' && <Nodes />}
      {view === 'slots' && <Slots />}
      {view === 'json' && <ScriptJson onHeld={setHeld} />}
    </Stack>
  )
}
