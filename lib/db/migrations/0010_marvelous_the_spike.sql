ALTER TABLE "backfill_sides" ADD COLUMN "has_password" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "backfill_sides" ADD COLUMN "is_importable" boolean DEFAULT false NOT NULL;