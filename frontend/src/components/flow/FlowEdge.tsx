/** A way between two steps, with the reason for taking it. */
import {
  BaseEdge,
  type Edge as DrawnEdge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
} from '@xyflow/react'
import type { EdgeData } from './draw'
import { wayBack } from './wayBack'
import classes from './flow.module.css'

/** Labels of ways between the same two steps lie below each other. */
const LABEL_HEIGHT = 24

export function FlowEdge({
  data,
  markerEnd,
  selected,
  interactionWidth,
  ...ends
}: EdgeProps<DrawnEdge<EdgeData>>) {
  const back = ends.targetY < ends.sourceY
  const [path, x, y] = back ? wayBack(ends, data?.nth ?? 0) : getBezierPath({ ...ends, curvature: 0.3 })
  if (!data) return null
  return (
    <>
      <BaseEdge
        path={path}
        markerEnd={markerEnd}
        interactionWidth={interactionWidth}
        className={classes.way}
        data-kind={data.kind}
        data-gone={data.gone || undefined}
        data-selected={selected || undefined}
      />
      {data.label && (
        <EdgeLabelRenderer>
          {/* The way itself has the keyboard and says this; the label is a larger thing to hit. */}
          <button
            type="button"
            tabIndex={-1}
            aria-hidden
            className={`${classes.label} nodrag nopan`}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y + data.nth * LABEL_HEIGHT}px)` }}
            data-kind={data.kind}
            data-gone={data.gone || undefined}
            data-selected={selected || undefined}
            onClick={data.onSelect}
          >
            {data.label}
          </button>
        </EdgeLabelRenderer>
      )}
    </>
  )
}
