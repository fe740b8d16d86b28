CREATE TABLE "backfill_reconciliations" (
	"id" text PRIMARY KEY NOT NULL,
	"run_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"source_users" integer NOT NULL,
	"stytch_users" integer NOT NULL,
	"not_compared" integer NOT NULL,
	"left_out" integer NOT NULL,
	"counts" jsonb NOT NULL,
	"fix" text,
	"mended" integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE "backfill_runs" ADD COLUMN "started_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "backfill_runs" ADD COLUMN "paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "backfill_reconciliations" ADD CONSTRAINT "backfill_reconciliations_run_id_backfill_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."backfill_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "backfill_reconciliations_at" ON "backfill_reconciliations" USING btree ("at");