CREATE TABLE "backfill_pace" (
	"id" integer PRIMARY KEY NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"strikes" integer DEFAULT 0 NOT NULL,
	"resumes_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "backfill_sides" (
	"reconcile_id" text NOT NULL,
	"side" text NOT NULL,
	"subject" text,
	"stytch_user_id" text,
	"address_key" text,
	"is_verified" boolean NOT NULL,
	"is_blocked" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "backfill_rows" (
	"run_id" text NOT NULL,
	"subject" text NOT NULL,
	"outcome" text NOT NULL,
	"state" text NOT NULL,
	"user_offset" bigint NOT NULL,
	"user_length" integer NOT NULL,
	"hash_offset" bigint,
	"hash_length" integer,
	"stytch_user_id" text,
	"made_user" boolean DEFAULT false NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"reason" text,
	"lease_ends_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "backfill_rows_run_id_subject_pk" PRIMARY KEY("run_id","subject")
);
--> statement-breakpoint
CREATE TABLE "backfill_runs" (
	"id" text PRIMARY KEY NOT NULL,
	"users_file" text NOT NULL,
	"users_digest" text NOT NULL,
	"hashes_file" text,
	"hashes_digest" text,
	"rate" integer NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "backfill_rows" ADD CONSTRAINT "backfill_rows_run_id_backfill_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."backfill_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "backfill_sides_subject" ON "backfill_sides" USING btree ("reconcile_id","side","subject");--> statement-breakpoint
CREATE INDEX "backfill_sides_user" ON "backfill_sides" USING btree ("reconcile_id","stytch_user_id");--> statement-breakpoint
CREATE INDEX "backfill_sides_address" ON "backfill_sides" USING btree ("reconcile_id","address_key");--> statement-breakpoint
CREATE INDEX "backfill_sides_created" ON "backfill_sides" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "backfill_rows_state" ON "backfill_rows" USING btree ("run_id","state","lease_ends_at");--> statement-breakpoint
CREATE INDEX "backfill_rows_updated" ON "backfill_rows" USING btree ("updated_at");