-- The words of `memory_chunks`, each behind its name of its scope: no two users share one, so that neither
-- a search nor the weight of a word in it depends on anybody else's notes. It holds words alone.
CREATE VIRTUAL TABLE `memory_index` USING fts5(terms, content='', tokenize='ascii');
--> statement-breakpoint
-- A word that is deleted is gone from the pages at once, and not when they are merged some day.
INSERT INTO `memory_index` (`memory_index`, `rank`) VALUES ('secure-delete', 1);
--> statement-breakpoint
CREATE TRIGGER `memory_chunks_indexed` AFTER INSERT ON `memory_chunks` BEGIN
  INSERT INTO `memory_index` (`rowid`, `terms`)
  VALUES (new.`rowid`, replace(new.`terms`, ' ', ' ' || new.`scope`));
END;
--> statement-breakpoint
CREATE TRIGGER `memory_chunks_forgotten` AFTER DELETE ON `memory_chunks` BEGIN
  INSERT INTO `memory_index` (`memory_index`, `rowid`, `terms`)
  VALUES ('delete', old.`rowid`, replace(old.`terms`, ' ', ' ' || old.`scope`));
END;
--> statement-breakpoint
CREATE TRIGGER `memory_chunks_unchanged` BEFORE UPDATE ON `memory_chunks` BEGIN
  SELECT RAISE(ABORT, 'a chunk of memory is never changed');
END;
