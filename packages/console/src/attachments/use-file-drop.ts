import { type DragEvent, useState } from "react";

/** What to put on an element on which files can be dropped. */
export interface FileDrop {
  readonly "data-dropping": boolean;
  onDragOver(event: DragEvent): void;
  onDragLeave(event: DragEvent): void;
  onDrop(event: DragEvent): void;
}

/** Takes files that are dropped on an element; undefined when none are wanted: then the pointer says so. */
export function useFileDrop(onFiles: ((files: Iterable<File>) => void) | undefined): FileDrop {
  const [isOver, setIsOver] = useState(false);
  const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes("Files");
  return {
    "data-dropping": isOver,
    onDragOver(event) {
      if (!hasFiles(event)) return;
      // Otherwise the browser leaves the page to show the file.
      event.preventDefault();
      event.dataTransfer.dropEffect = onFiles === undefined ? "none" : "copy";
      setIsOver(onFiles !== undefined);
    },
    onDragLeave({ currentTarget, relatedTarget }) {
      if (!currentTarget.contains(relatedTarget as Node | null)) setIsOver(false);
    },
    onDrop(event) {
      setIsOver(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      onFiles?.(event.dataTransfer.files);
    },
  };
}
